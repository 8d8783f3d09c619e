import boto3
import pytest

from backends import autoscaling, aws

pytestmark = pytest.mark.aws


@pytest.fixture
def group(aws):
    """The name of a group that has started one instance."""
    client = boto3.client("autoscaling")
    boto3.client("ec2").create_launch_template(
        LaunchTemplateName=aws.bucket, LaunchTemplateData={"ImageId": "ami-1"}
    )
    client.create_auto_scaling_group(
        AutoScalingGroupName=aws.bucket,
        LaunchTemplate={"LaunchTemplateName": aws.bucket},
        AvailabilityZones=["us-east-1a"],
        MinSize=1,
        MaxSize=1,
    )
    return aws.bucket


@pytest.fixture
def completed():
    """The requests to complete a lifecycle action; the emulator takes any."""
    found = []
    events = aws.client("autoscaling").meta.events
    name = "before-parameter-build.autoscaling.CompleteLifecycleAction"
    events.register(name, lambda params, **_: found.append(dict(params)), unique_id="noted")
    yield found
    events.unregister(name, unique_id="noted")


def add_hook(group, name):
    boto3.client("autoscaling").put_lifecycle_hook(
        AutoScalingGroupName=group,
        LifecycleHookName=name,
        LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING",
    )


def started_by(group):
    client = boto3.client("autoscaling")
    [found] = client.describe_auto_scaling_groups(AutoScalingGroupNames=[group])[
        "AutoScalingGroups"
    ]
    return found["Instances"][0]["InstanceId"]


def test_of_a_groups_termination_hooks_ours_is_completed(group, completed):
    add_hook(group, "ship-logs")
    add_hook(group, "videoshare-drain")
    instance = started_by(group)
    assert autoscaling.let_go(instance)
    assert completed == [
        {
            "AutoScalingGroupName": group,
            "LifecycleHookName": "videoshare-drain",
            "InstanceId": instance,
            "LifecycleActionResult": "CONTINUE",
        }
    ]


def test_whom_no_group_has_started_nobody_waits_for(group, completed):
    add_hook(group, "videoshare-drain")
    assert not autoscaling.let_go("i-0123456789abcdef0")
    assert completed == []
