"""Debian's boto3 against a server of its own: the resource interface from create to delete."""
import decimal
import os
import re
import signal
import subprocess
import sys
import tempfile
import traceback

import boto3
from boto3.dynamodb.conditions import Attr, Key
from boto3.dynamodb.types import Binary
from botocore.config import Config
from botocore.exceptions import ClientError

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ.get("STATOR_BINARY", os.path.join(ROOT, "build", "stator"))


def start(directory):
    server = subprocess.Popen([BINARY, "serve", "--port", "0", "--data", directory],
                              stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    for line in server.stderr:
        found = re.search(r"event=ready.*\bport=(\d+)", line)
        if found:
            return server, int(found.group(1))
    raise RuntimeError(f"the server ended with {server.wait()} before it was ready")


def connect(port):
    return boto3.resource("dynamodb", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1",
                          aws_access_key_id="any", aws_secret_access_key="any",
                          config=Config(retries={"total_max_attempts": 1}))


def create(dynamodb):
    table = dynamodb.create_table(
        TableName="Music", BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "Artist", "AttributeType": "S"},
                              {"AttributeName": "Year", "AttributeType": "N"}],
        KeySchema=[{"AttributeName": "Artist", "KeyType": "HASH"},
                   {"AttributeName": "Year", "KeyType": "RANGE"}])
    table.wait_until_exists()
    table.reload()
    assert table.table_status == "ACTIVE", table.table_status
    assert [each.name for each in dynamodb.tables.all()] == ["Music"]


ALBUM = {
    "Artist": "Nina Simone", "Year": 1965, "Title": "Pastel Blues", "Rating": decimal.Decimal("4.75"),
    "Cover": Binary(b"\x00\xff"), "Live": False, "Label": None,
    "Tags": {"jazz", "blues"}, "Charts": {1, 8}, "Tracks": ["Be My Husband", {"minutes": 10}],
}


def put_and_get(dynamodb):
    table = dynamodb.Table("Music")
    table.put_item(Item=ALBUM)
    for consistent in (True, False):
        got = table.get_item(Key={"Artist": "Nina Simone", "Year": 1965}, ConsistentRead=consistent)
        assert got["Item"] == ALBUM, got
    assert "Item" not in table.get_item(Key={"Artist": "Nina Simone", "Year": 1})


def query(dynamodb):
    table = dynamodb.Table("Music")
    for year in (1958, 1967, 1978):
        table.put_item(Item={"Artist": "Nina Simone", "Year": year, "Live": year == 1978})
    got = table.query(KeyConditionExpression=Key("Artist").eq("Nina Simone") & Key("Year").gt(1960))
    assert [item["Year"] for item in got["Items"]] == [1965, 1967, 1978], got
    got = table.query(KeyConditionExpression=Key("Artist").eq("Nina Simone"), ScanIndexForward=False, Limit=1)
    assert (got["Items"][0]["Year"], got["LastEvaluatedKey"]["Year"]) == (1978, 1978), got


def scan(dynamodb):
    got = dynamodb.Table("Music").scan(FilterExpression=Attr("Live").eq(True) | Attr("Tags").contains("jazz"))
    assert sorted(item["Year"] for item in got["Items"]) == [1965, 1978], got
    assert (got["Count"], got["ScannedCount"]) == (2, 4), got


def condition_fails(dynamodb):
    try:
        dynamodb.Table("Music").put_item(Item=ALBUM, ConditionExpression=Attr("Artist").not_exists())
    except ClientError as error:
        assert error.response["Error"]["Code"] == "ConditionalCheckFailedException", error
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400, error
    else:
        raise AssertionError("the condition held")


def delete(dynamodb):
    table = dynamodb.Table("Music")
    gone = table.delete_item(Key={"Artist": "Nina Simone", "Year": 1965}, ReturnValues="ALL_OLD")
    assert gone["Attributes"] == ALBUM, gone
    table.delete()
    table.wait_until_not_exists()
    assert list(dynamodb.tables.all()) == []


def main():
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="stator-smoke-") as directory:
        server, port = start(directory)
        dynamodb = connect(port)
        for test in (create, put_and_get, query, scan, condition_fails, delete):
            try:
                test(dynamodb)
                passed += 1
            except Exception:
                failed += 1
                print(f"FAILED {test.__name__}")
                traceback.print_exc()
        server.send_signal(signal.SIGTERM)
        code = server.wait(timeout=30)
        if code != 0:
            failed += 1
            print(f"FAILED the server ended with {code}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
