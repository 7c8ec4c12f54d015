"""What the service says in sentences: each has its Chinese, by its pattern, and the values in it stay as they are."""

from __future__ import annotations

import ast
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core._pydantic_core import list_all_errors

from schemas.activities.sent import read_activity, read_sent
from schemas.epcis.stored import faults, read_document
from schemas.errors import BadInput, FieldError, NotFound
from schemas.identifiers import identify_strict
from schemas.requests import by_pydantic
from schemas.sentences import GAP, Sentence, brought_back, in_row, kept, say
from schemas.times import Instant
from services.languages import chinese, fault_in_words, in_words, part_in_words
from services.problems import problem_of

ROOT = Path(__file__).parents[2]
CHINESE = re.compile("[一-鿿]")
UNSEEN = (
    *("services/cli/", "services/demo/", "services/epcis/", "services/bootstrap.py", "services/keeping.py"),
    *(
        "services/comparing.py",
        "services/demo_house.py",
        "services/docs.py",
        "services/lock.py",
        "services/settings.py",
    ),
    *("events/kafka_topics.py", "events/replay.py", "projections/genealogy/bolt.py"),
)
"""Modules whose sentences no page of the console shows: commands, the service's start, EPCIS's own queries."""
PLACES = {"schemas", "projections", "events", "services"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for folder in sorted(PLACES):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if "/web/" not in name and not name.startswith(UNSEEN):
                yield name, ast.parse(path.read_text(encoding="utf-8"))


def said() -> set[str]:
    """Every pattern that is given to `say`."""
    found = set()
    for _, module in modules():
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
                pattern = node.args[0]
                if isinstance(pattern, ast.Constant):
                    found.add(str(pattern.value))
    return found


KINDS = {"NotFound", "Conflict", "Forbidden", "Unauthenticated", "TooLarge", "Busy", "RuleBroken", "UnsupportedMedia"}


def raised() -> Iterator[tuple[str, ast.expr]]:
    """What the errors of the tree are raised with, and the fixes of single fields."""
    for name, module in modules():
        for node in ast.walk(module):
            if not isinstance(node, ast.Call):
                continue
            function = node.func
            if isinstance(function, ast.Name) and function.id in KINDS and node.args:
                yield f"{name}:{node.lineno}", node.args[0]
            if isinstance(function, ast.Attribute) and function.attr == "field" and len(node.args) == 3:
                yield f"{name}:{node.lineno}", node.args[2]


def test_a_pattern_has_its_chinese_with_the_same_gaps() -> None:
    """UI: in Chinese a page says in Chinese what went wrong."""
    worded = {pattern for pattern in said() if re.search("[A-Za-z]", GAP.sub("", pattern))}
    assert len(worded) > 150
    assert sorted(worded - chinese().keys()) == []
    for pattern, text in chinese().items():
        gaps = sorted(set(GAP.findall(text)))
        assert set(gaps) <= set(GAP.findall(pattern)), pattern
        if pattern in worded:
            assert gaps == sorted(set(GAP.findall(pattern))), pattern


AT_START = {
    *("is no seal (", "sqlite:///FILE", "lower-case letters", "there are accounts already", "there are keys already"),
    *("holds a revoked key", "cannot be read: ", "cannot be written: "),
}
"""What modules that a page does come to say to a command or at the service's start alone."""
FOREIGN = {
    *("Expecting value", "Expecting ',' delimiter", "Expecting ':' delimiter", "Extra data", "Invalid \\escape"),
    *("Expecting property name enclosed in double quotes", "Illegal trailing comma before end of object"),
    *("Illegal trailing comma before end of array", "Unterminated string starting at", "Invalid control character at"),
    *("Invalid \\uXXXX escape",),
}
"""What Python's JSON reader says."""


def test_no_chinese_is_dead() -> None:
    texts = {one.value for _, module in modules() for one in ast.walk(module) if isinstance(one, ast.Constant)}
    pydantics = {str(one["message_template_python"]) for one in list_all_errors()}
    made = {"in English: {text}", "inputs", "outputs", "NOT what was sealed"}
    assert sorted(chinese().keys() - texts - pydantics - FOREIGN - made) == []


def test_what_an_error_is_raised_with_has_its_chinese() -> None:
    missing = []
    for where, text in raised():
        if isinstance(text, ast.Constant) and isinstance(text.value, str) and text.value not in chinese():
            missing.append(f"{where}: {text.value}")
        if isinstance(text, ast.JoinedStr):
            missing.append(f"{where}: {ast.unparse(text)}")
    assert [one for one in missing if not any(word in one for word in AT_START)] == []


def test_chinese_is_chinese() -> None:
    same = {"{what}", "{error}"}
    assert [text for text in chinese().values() if not CHINESE.search(text) and text not in same | {"GIAI"}] == [
        "activity：{fix}", "event：{fix}", "GS1-Capture-Error-Behaviour：{fix}"
    ]  # fmt: skip


def test_values_stay_as_they_are_and_sentences_within_are_said_too() -> None:
    told = say("the time has no offset; {fix}", fix="write {known}")
    assert told == "the time has no offset; write {known}"
    fault = say("conflict with the event that stands: {reason}", reason=say("{what} is empty", what="the lot"))
    assert in_words(fault, "zh") == "与已记录的事件冲突：批号为空"
    assert in_words(fault, "en") == "conflict with the event that stands: the lot is empty"
    # what a person wrote is never taken for a sentence
    assert in_words(say("there is no key {key_id}", key_id="the lot"), "zh") == "没有密钥 the lot"
    assert in_words(say("nothing recorded has the number {text}", text="{what}"), "zh") == "没有记录过号码 {what}"


def test_a_text_of_elsewhere_is_shown_as_what_it_is() -> None:
    assert in_words("database disk image is malformed", "zh") == "英文原文：database disk image is malformed"
    assert in_words("database disk image is malformed", "en") == "database disk image is malformed"
    assert in_words("", "zh") == ""
    assert in_words("2026-03-02 12:00", "zh") == "2026-03-02 12:00"
    assert part_in_words("inputs[0].id", "zh") == "inputs[0].id"


def test_a_sentence_outlives_a_log_a_process_and_an_exception() -> None:
    told = say("malformed JSON: {reason}", reason=say("{what} is empty", what="the lot"))
    stored = orjson.loads(orjson.dumps({"text": told, "said": kept(told)}))
    assert in_words(brought_back(stored["text"], stored["said"]), "zh") == "JSON 格式有误（批号为空）"
    assert in_words(pickle.loads(pickle.dumps(told)), "zh") == "JSON 格式有误（批号为空）"
    assert in_words(str(ValueError(told)), "zh") == "JSON 格式有误（批号为空）"
    assert kept("the lot") is None
    assert brought_back("the lot", None) == "the lot"
    assert in_words(in_row(["the log is closed", told]), "zh") == "日志已关闭; JSON 格式有误（批号为空）"


def test_a_problem_is_told_in_the_callers_language() -> None:
    fault = BadInput.field("to", "x", say("name one of {known}", known="a, b"))
    body = orjson.loads(bytes(problem_of(fault, "/api/v1/x", "1", "zh").body))
    assert (body["detail"], body["errors"][0]["fix"]) == ("to: 请指明其中之一：a, b", "请指明其中之一：a, b")
    plain = orjson.loads(bytes(problem_of(NotFound("gone"), "/api/v1/x", "1").body))
    assert plain["detail"] == "gone"


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("urn:epc:id:sgtin:95060000.0001", "GTIN 95060000.0001 的厂商识别代码与参考号应共 13 位数字"),
        ("(01)09506000000018", "GTIN 09506000000018 的校验位是 8，应为"),
        ("4006381333931", "这是单纯号码；若是产品请写 (01)4006381333931，若是批次或单件，请写 {"),
        ("１２３", "这是全角字符写的单纯号码；请写 {"),
        ("", "编码为空；请写 {"),
        ("(01)09506000000015(21)" + "x" * 30, "序列号有 30 个字符，最多允许 20 个"),
    ],
)
def test_a_code_that_breaks_a_rule_says_which_in_chinese(text: str, fix: str) -> None:
    with pytest.raises(BadInput) as caught:
        identify_strict(text if "sgtin" not in text else text + ".1")
    assert fault_in_words(caught.value.errors[0], "zh")["fix"].startswith(fix)


def test_a_time_that_is_none_says_why_in_chinese() -> None:
    with pytest.raises(BadInput) as caught:
        Instant.parse("2026-02-30T08:00:00Z")
    assert fault_in_words(caught.value.errors[0], "zh")["fix"] == "2026-02-30 不是有效的日期"


BAD = b"""{"@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"], "type": "EPCISDocument",
"schemaVersion": "2.0", "creationDate": "2026-03-02T08:00:00Z", "epcisBody": {"eventList": [
{"type": "ObjectEvent", "eventTime": "2026-03-02 08:00", "eventTimeZoneOffset": "8", "action": "LOOK",
 "bizStep": "guessing", "epcList": ["no uri", 7],
 "quantityList": [{"epcClass": "urn:x:y", "quantity": "3", "uom": "kilo"}],
 "surprise": 1, "ex:thing": 2}]}}"""


def test_every_fault_of_a_bad_document_is_told_in_chinese() -> None:
    document = read_document(BAD, "application/json")
    found = [fault_in_words(one, "zh") for event in document.events for one in faults(event)]
    assert len(found) >= 9
    assert [one["fix"] for one in found if not CHINESE.search(one["fix"]) or "英文原文" in one["fix"]] == []


@pytest.mark.parametrize(
    "body",
    [
        b'{"activity": "guess"}',
        b'{"activity": "receive", "objects": [], "place": 3}',
        b'{"activity": "receive", "objects": ["x"], "colour": "red", "from": {}}',
        b'{"activity": "receive", "objects": [{"id": "x", "quantity": "-1"}], "place": ""}',
        b'{"activity": "make", "inputs": ["x"]}',
    ],
)
def test_every_fault_of_a_bad_activity_is_told_in_chinese(body: bytes) -> None:
    sents, _ = read_sent(body, lines=False)
    with pytest.raises(BadInput) as caught:
        read_activity(sents[0])
    found = [fault_in_words(one, "zh")["fix"] for one in caught.value.errors]
    assert found
    assert [one for one in found if not CHINESE.search(one) or "英文原文" in one] == []


def test_pydantics_own_words_are_told_by_their_template() -> None:
    class Asked(BaseModel):
        model_config = ConfigDict(extra="forbid")
        count: int = Field(ge=1, le=3)
        word: str = Field(max_length=2)

    with pytest.raises(ValidationError) as caught:
        Asked.model_validate({"count": 9, "word": "long", "more": 1})
    told = [in_words(by_pydantic(one), "zh") for one in caught.value.errors()]
    assert told == ["应不大于 3", "最多 2 个字符", "此处没有这个字段"]
    assert isinstance(by_pydantic(caught.value.errors()[0]), Sentence)


def test_a_fault_of_a_place_in_a_text_is_told_in_chinese() -> None:
    fault = FieldError(say("line {line}, column {column}", line=3, column=5), "x", "a colon is expected")
    assert fault_in_words(fault, "zh") == {"field": "第 3 行第 5 列", "value": "x", "fix": "此处应为冒号"}
