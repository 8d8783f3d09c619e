"""EC2 Auto Scaling, which waits with a termination until the instance has done its work.

docs.aws.amazon.com/autoscaling/ec2/userguide/completing-lifecycle-hooks.html
"""

from backends import aws

_TERMINATING = "autoscaling:EC2_INSTANCE_TERMINATING"


def let_go(instance: str) -> int:
    """Complete the instance's termination hooks; return how many. Raises botocore's errors.

    The instance's role must allow DescribeAutoScalingInstances, DescribeLifecycleHooks and
    CompleteLifecycleAction.
    """
    client = aws.client("autoscaling")
    found = client.describe_auto_scaling_instances(InstanceIds=[instance])
    groups = [each["AutoScalingGroupName"] for each in found["AutoScalingInstances"]]
    completed = 0
    for group in groups:  # one, or none where no group has started it
        hooks = client.describe_lifecycle_hooks(AutoScalingGroupName=group)["LifecycleHooks"]
        for hook in hooks:
            if hook["LifecycleTransition"] == _TERMINATING:
                client.complete_lifecycle_action(
                    AutoScalingGroupName=group,
                    LifecycleHookName=hook["LifecycleHookName"],
                    InstanceId=instance,
                    LifecycleActionResult="CONTINUE",
                )
                completed += 1
    return completed
