"""CloudFront: what is forgotten, and the addresses of private objects."""

import base64
import time
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as elliptic
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.utils import timezone

from backends import storage
from contests import editing, reconverting
from contests.deleting import delete_contest
from contests.models import Conversion, Rendition
from contests.withdrawing import withdraw
from tests.factories import (
    make_contest,
    make_ready_entry,
    make_upload,
    owner_of,
    picture,
    store,
)

HOUR = 3600


def forgotten(aws):
    """The paths of each invalidation, oldest first."""
    cloudfront = boto3.client("cloudfront")
    listed = cloudfront.list_invalidations(DistributionId=aws.distribution)["InvalidationList"]
    batches = [
        cloudfront.get_invalidation(DistributionId=aws.distribution, Id=each["Id"])
        for each in sorted(listed.get("Items", []), key=lambda each: each["CreateTime"])
    ]
    found = [each["Invalidation"]["InvalidationBatch"]["Paths"]["Items"] for each in batches]
    return [set(paths) for paths in found]


def paths(renditions):
    return {f"/{key}" for key in renditions.values_list("key", flat=True)}


@pytest.mark.aws
@pytest.mark.django_db
class TestForgetting:
    def test_what_is_withdrawn(self, aws):
        entry = make_ready_entry()
        published = paths(Rendition.objects.all())
        assert len(published) == 2
        withdraw(entry, timezone.now())
        assert forgotten(aws) == [published]

    def test_a_contest_in_one_go_without_its_originals(self, aws):
        contest = make_contest(image_key=storage.new_key(storage.CONTEST_IMAGES, ".jpg"))
        store(contest.image_key, picture())
        for _ in range(2):
            make_ready_entry(contest)
        published = paths(Rendition.objects.all()) | {f"/{contest.image_key}"}
        delete_contest(contest)
        assert forgotten(aws) == [published]
        assert len(published) == 5

    def test_an_image_that_another_replaces(self, aws, tmp_path):
        contest = make_contest()
        (tmp_path / "image").write_bytes(picture())
        for _ in range(2):
            old = contest.image_key
            with (tmp_path / "image").open("rb") as file:
                editing.save_contest(contest, owner_of(contest), (), {"image_key": file})
        assert forgotten(aws) == [{f"/{old}"}]

    def test_what_a_new_conversion_replaced(self, aws):
        make_ready_entry()
        published = paths(Rendition.objects.all())
        Conversion.objects.update(superseded_at=timezone.now() - 2 * reconverting.GRACE)
        assert reconverting.drop_superseded() == 2
        assert forgotten(aws) == [published]

    def test_nothing_that_nobody_saw(self, aws):
        storage.delete(make_upload().key)
        storage.delete(storage.new_key(storage.VIDEOS, ".mp4"), unseen=True)
        storage.delete()
        assert forgotten(aws) == []

    def test_private_objects_too(self, aws):
        key = storage.new_key(storage.VIDEOS, ".mp4", private=True)
        storage.delete(key)
        assert forgotten(aws) == [{f"/{key}"}]

    def test_a_failure_fails_nothing_and_is_tried_again(self, aws, settings, caplog):
        entry = make_ready_entry()
        keys = set(Rendition.objects.values_list("key", flat=True))
        settings.CDN_URL = "https://nobody.cloudfront.net"
        withdraw(entry, timezone.now())
        entry.refresh_from_db()
        assert entry.withdrawn_at
        [line] = [each.getMessage() for each in caplog.records if each.name == "backends.cdn"]
        assert line == (
            "no distribution of CloudFront's answers at nobody.cloudfront.net:"
            " 2 paths are not forgotten yet"
        )
        settings.CDN_URL = aws.cdn
        assert storage.delete_again() == 2
        assert forgotten(aws) == [{f"/{key}" for key in keys}]


@pytest.mark.aws
class TestCommand:
    def test_it_prints_the_id(self, aws, capsys):
        call_command("invalidate", "/contests/*", "/x.jpg")
        cloudfront = boto3.client("cloudfront")
        listed = cloudfront.list_invalidations(DistributionId=aws.distribution)
        [made] = listed["InvalidationList"]["Items"]
        assert capsys.readouterr().out == f"{made['Id']}\n"
        assert forgotten(aws) == [{"/contests/*", "/x.jpg"}]

    def test_more_than_a_thousand_paths(self, aws, capsys):
        call_command("invalidate", *(f"/{number}" for number in range(1001)))
        assert [len(each) for each in forgotten(aws)] == [1000, 1]
        assert len(capsys.readouterr().out.split()) == 2

    def test_the_case_of_a_host_name_is_no_matter(self, aws, settings):
        settings.CDN_URL = settings.CDN_URL.replace("cloudfront", "CloudFront")
        call_command("invalidate", "/x")
        assert forgotten(aws) == [{"/x"}]

    @pytest.mark.parametrize("path", ["contests/*", "", "https://x/y", "/é", "/a b", "/a\n"])
    def test_what_is_no_path(self, aws, path):
        with pytest.raises(CommandError, match="not a path that begins with /"):
            call_command("invalidate", "/right", path)
        assert forgotten(aws) == []

    def test_a_distribution_that_is_not_ours(self, aws, settings):
        settings.CDN_URL = "https://nobody.cloudfront.net"
        with pytest.raises(CommandError, match=r"answers at nobody\.cloudfront\.net"):
            call_command("invalidate", "/x")

    def test_a_cloudfront_that_does_not_answer(self, aws, s3_at, settings, monkeypatch):
        s3_at("http://127.0.0.1:9")  # makes new clients, with short times
        monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFRONT", "http://127.0.0.1:9")
        with pytest.raises(CommandError, match="CloudFront does not answer: Endpoint"):
            call_command("invalidate", "/x")


def test_one_machine_has_no_cloudfront():
    with pytest.raises(CommandError, match="cf_url is empty"):
        call_command("invalidate", "/x")


@pytest.fixture(scope="module")
def key_pair():
    return generate_private_key(public_exponent=65537, key_size=2048)


def pem(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def signing(settings, key_pair):
    settings.S3_BUCKET, settings.CDN_URL = "bucket", "https://d1.cloudfront.net"
    settings.CF_KEY_PAIR_ID, settings.CF_PRIVATE_KEY = "K1", pem(key_pair)


PRIVATE = storage.new_key(storage.VIDEOS, ".mp4", private=True)


def decoded(text):
    """CloudFront's letters for what base64 has that an address must not have."""
    return base64.b64decode(text.translate(str.maketrans("-_~", "+=/")))


@pytest.mark.usefixtures("signing")
class TestSignedAddresses:
    def test_cloudfront_s_canned_policy_signed_with_rsa_and_sha_1(self, key_pair):
        before = time.time()
        url = storage.public_url(PRIVATE)
        address, _, query = url.partition("?")
        assert address == f"https://d1.cloudfront.net/{PRIVATE}"
        fields = {name: text for name, [text] in parse_qs(query).items()}
        assert sorted(fields) == ["Expires", "Key-Pair-Id", "Signature"]
        until = int(fields["Expires"])
        assert fields["Key-Pair-Id"] == "K1"
        assert before + 5 * HOUR <= until <= time.time() + 6 * HOUR
        assert until % HOUR == 0
        # docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide, "canned policy"
        condition = f'"Condition":{{"DateLessThan":{{"AWS:EpochTime":{until}}}}}'
        policy = f'{{"Statement":[{{"Resource":"{address}",{condition}}}]}}'
        signature, public = decoded(fields["Signature"]), key_pair.public_key()
        public.verify(signature, policy.encode(), PKCS1v15(), SHA1())  # noqa: S303
        other = policy.replace(".mp4", ".jpg").encode()
        with pytest.raises(InvalidSignature):
            public.verify(signature, other, PKCS1v15(), SHA1())  # noqa: S303

    def test_they_stay_the_same_for_an_hour(self, monkeypatch):
        addresses = []
        for now in (HOUR * 1000, HOUR * 1001 - 1, HOUR * 1001):
            monkeypatch.setattr(time, "time", lambda now=now: now)
            addresses.append(storage.public_url(PRIVATE))
        assert addresses[0] == addresses[1] != addresses[2]

    def test_public_ones_are_not_signed(self):
        assert urlsplit(storage.public_url(PRIVATE.removeprefix("private/"))).query == ""

    def test_originals_have_none(self):
        for private in (False, True):
            with pytest.raises(ValueError, match="nobody reads"):
                storage.public_url(storage.new_key(storage.SOURCES, private=private))

    @pytest.mark.parametrize(
        "name, value, said",
        [
            ("CF_PRIVATE_KEY", "", "need cf_key_pair_id and cf_private_key"),
            ("CF_KEY_PAIR_ID", "", "need cf_key_pair_id and cf_private_key"),
            ("CF_PRIVATE_KEY", "s3cr3t", "cf_private_key is no private key in PEM"),
            ("CF_PRIVATE_KEY", pem(elliptic(SECP256R1())), "cf_private_key is no RSA key"),
        ],
    )
    def test_without_a_key_pair_the_error_is_clear(self, settings, name, value, said):
        setattr(settings, name, value)
        with pytest.raises(ImproperlyConfigured, match=said) as caught:
            storage.public_url(PRIVATE)
        assert "s3cr3t" not in str(caught.value)
