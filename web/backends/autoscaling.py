"""EC2 Auto Scaling, which waits with a termination until the instance has done its work.

docs.aws.amazon.com/autoscaling/ec2/userguide/completing-lifecycle-hooks.html
"""

from backends import aws

# The termination hook that is ours; a group may have others, for which others answer.
HOOK = "videoshare-drain"


def let_go(instance: str) -> bool:
    """Complete our hook for an instance; False: no group has started it. Raises botocore's errors.

    One of these errors is that the group does not wait yet. The instance's role must allow
    DescribeAutoScalingInstances and CompleteLifecycleAction.
    """
    client = aws.client("autoscaling")
    found = client.describe_auto_scaling_instances(InstanceIds=[instance])["AutoScalingInstances"]
    for each in found:
        client.complete_lifecycle_action(
            AutoScalingGroupName=each["AutoScalingGroupName"],
            LifecycleHookName=HOOK,
            InstanceId=instance,
            LifecycleActionResult="CONTINUE",
        )
    return bool(found)
