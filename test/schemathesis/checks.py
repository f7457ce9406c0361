"""What Schemathesis has to know of the hub's GraphQL API, and what it does not check by itself.

Its own check takes every error of a field for a fault of the server. Here an error says what it is: `extensions.code`
names it and `extensions.status` is 4xx when the caller is refused.
"""

import datetime
import json
import os
import re

import graphql
import jsonschema_rs
import schemathesis
from hypothesis import strategies as st
from schemathesis.graphql import nodes

# Ids of things that are there, so that operations get past "there is no such thing".
KNOWN_IDS = json.loads(os.environ.get("HUB_FUZZ_IDS", "[]"))
# docs/admin.md: an operation was executed, or it could not be. 401, 403, 413, 415 and 429 are about other requests.
STATUSES = (200, 400)

# About half of the values are ones that mean something here: a page of 0 or of two milliards is refused before anything is
# read.
TODAY = datetime.datetime.now(datetime.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
WORDS = ["fuzz", "fuzz@example.test", "1", "2", "UTC", "self:read", "keys:read", "203.0.113.7", "sandbox", *KNOWN_IDS]


def scalar(name, usual, any_value, node):
    schemathesis.graphql.scalar(name, (usual | any_value).map(node))


def moment(days):
    return (TODAY + datetime.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


scalar("ID", st.sampled_from(KNOWN_IDS or ["1"]), st.text(max_size=20), nodes.String)
scalar("String", st.sampled_from(WORDS), st.text(max_size=50), nodes.String)
scalar("Int", st.integers(0, 100), st.integers(-(2**31), 2**31 - 1), nodes.Int)
scalar("Count", st.integers(0, 100), st.integers(-(2**53), 2**53), nodes.Int)
scalar("Credits", st.decimals(0, 100, places=2).map(str), st.decimals(-10, 10**12, places=9).map(str), nodes.String)
scalar("DateTime", st.integers(-10, 10).map(moment), st.datetimes().map("{0:%Y-%m-%dT%H:%M:%SZ}".format), nodes.String)
scalar("Json", st.just("{}"), st.text(max_size=20), nodes.String)


@schemathesis.hook
def map_body(ctx, body):
    """A cursor is what the API gave out before: takes it away where it is a mere word, which leaves half of them wrong."""
    return graphql.visit(body, DropWordsAsCursors()) if isinstance(body, graphql.DocumentNode) else body


class DropWordsAsCursors(graphql.Visitor):
    def enter_argument(self, node, *_):
        is_word = isinstance(node.value, graphql.StringValueNode) and node.value.value in WORDS
        return graphql.REMOVE if node.name.value == "after" and is_word else None


SCALARS = {
    "ID": lambda value: isinstance(value, str),
    "String": lambda value: isinstance(value, str),
    "Int": lambda value: is_whole(value) and -(2**31) <= value < 2**31,
    "Float": lambda value: is_whole(value) or isinstance(value, float),
    "Boolean": lambda value: isinstance(value, bool),
    "Count": lambda value: is_whole(value) and abs(value) < 2**53,
    "Credits": lambda value: isinstance(value, str) and matches(r"-?\d+(\.\d{1,9})?", value),
    "DateTime": lambda value: isinstance(value, str) and matches(r"\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value),
    "Json": lambda value: True,
}


def is_whole(value):
    return isinstance(value, int) and not isinstance(value, bool)


def matches(pattern, value):
    return re.fullmatch(pattern, value) is not None


@schemathesis.check
def event_stream(ctx, response, case):
    """What `data` of each server-sent event holds is what its `contentSchema` says; one that is not JSON ends the stream."""
    if not response.headers.get("content-type", [""])[0].startswith("text/event-stream"):
        return
    raw = case.operation.schema.raw_schema
    content = case.operation.definition.raw["responses"][str(response.status_code)]["content"]["text/event-stream"]
    wanted = content["schema"]["properties"]["data"]["contentSchema"]
    validator = jsonschema_rs.validator_for({**wanted, "components": raw["components"]})
    texts = [line.removeprefix("data:").strip() for line in response.text.split("\n") if line.startswith("data:")]
    assert texts, "a stream without an event"
    for text in texts[:-1] if texts[-1] == "[DONE]" else texts:
        validator.validate(json.loads(text))


@schemathesis.check
def graphql_answer(ctx, response, case):
    """Every answer has a documented status, names its errors, has no fault of the server, and fits the schema."""
    assert response.status_code in STATUSES, f"status {response.status_code} is not documented"
    payload = response.json()
    assert isinstance(payload, dict) and payload.keys() <= {"data", "errors"}, "neither data nor errors"
    errors = payload.get("errors", [])
    assert "errors" not in payload or errors, "an empty list of errors"
    for error in errors:
        extensions = error.get("extensions", {})
        assert isinstance(error.get("message"), str), "an error without a message"
        assert isinstance(extensions.get("code"), str), f"an error without a code: {error}"
        assert isinstance(extensions.get("requestId"), str), f"an error without the id of its request: {error}"
        status = extensions.get("status", 400)
        assert status < 500 and not extensions["code"].startswith("internal"), f"a fault of the server: {error}"
    if response.status_code == 400:
        assert errors and payload.get("data") is None, "400 without an error, or with data"
    elif payload.get("data") is not None:
        check_data(case.operation.schema.client_schema, case.body, payload["data"])
    else:
        assert errors, "neither data nor an error"


def check_data(schema, body, data):
    """Compares data with what was asked for and with the types of the schema."""
    document = graphql.parse(body["query"] if isinstance(body, dict) else body)
    operation = document.definitions[0]
    root = schema.get_root_type(operation.operation)
    Shape(schema).check_object(root, [operation.selection_set], data, operation.operation.value)


class Shape:
    """The types of one schema."""

    def __init__(self, schema):
        self.schema = schema

    def check(self, wanted, selections, value, at):
        if graphql.is_non_null_type(wanted):
            assert value is not None, f"{at} is null, and its type is {wanted}"
            self.check(wanted.of_type, selections, value, at)
        elif value is None:
            return
        elif graphql.is_list_type(wanted):
            assert isinstance(value, list), f"{at} is no list"
            for index, item in enumerate(value):
                self.check(wanted.of_type, selections, item, f"{at}.{index}")
        elif graphql.is_scalar_type(wanted):
            assert SCALARS[wanted.name](value), f"{at} is {value!r}, and its type is {wanted}"
        elif graphql.is_enum_type(wanted):
            assert value in wanted.values, f"{at} is {value!r}, and its type is {wanted}"
        else:
            self.check_object(wanted, selections, value, at)

    def check_object(self, wanted, selections, value, at):
        assert isinstance(value, dict), f"{at} is no object"
        possible = self.schema.get_possible_types(wanted) if graphql.is_abstract_type(wanted) else [wanted]
        failures = []
        for kind in possible:
            try:
                return self.check_fields(kind, selections, value, at)
            except AssertionError as failure:
                failures.append(str(failure))
        raise AssertionError(" / ".join(failures))

    def check_fields(self, kind, selections, value, at):
        fields = {}
        for selection in selections:
            self.collect(kind, selection, fields)
        assert value.keys() == fields.keys(), f"{at} as {kind} has {sorted(value)}, and asked for was {sorted(fields)}"
        for name, found in fields.items():
            if found[0].name.value == "__typename":
                assert value[name] == kind.name, f"{at} says that it is {value[name]}"
                continue
            below = [field.selection_set for field in found if field.selection_set is not None]
            self.check(kind.fields[found[0].name.value].type, below, value[name], f"{at}.{name}")

    def collect(self, kind, selection_set, fields):
        for node in selection_set.selections:
            if isinstance(node, graphql.FieldNode):
                fields.setdefault((node.alias or node.name).value, []).append(node)
            elif self.applies(kind, node.type_condition):
                self.collect(kind, node.selection_set, fields)

    def applies(self, kind, condition):
        if condition is None or condition.name.value == kind.name:
            return True
        named = self.schema.get_type(condition.name.value)
        return graphql.is_abstract_type(named) and self.schema.is_sub_type(named, kind)
