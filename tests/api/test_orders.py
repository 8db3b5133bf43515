import pytest

from galleria.api.classic.orders import read_order
from galleria.errors import InvalidError
from galleria.gallery.jobs.records import Priority


@pytest.mark.parametrize(
    "body",
    [
        "",
        "  ",
        "null",
        "{}",
        '{"questions":[]}',
        '{"questions":{}}',
        '{"questions":null}',
        '{"questions":""}',
        '{"questions":[{}]}',
        '{"questions":[[]]}',
        '{"questions":[{"name":"","value":""}]}',
        '{"questions":[{"name":null,"value":"x"}]}',
        '{"questions":[{"name":"x"}]}',
        '{"questions":[{"name":"x","value":null}]}',
        '{"other":1}',
    ],
)
def test_these_bodies_answer_nothing(body: str) -> None:
    order = read_order(body, is_form=False)
    assert (order.answers, order.priority, order.credential_id) == ({}, None, None)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('"East"', "East"),
        ('""', ""),
        ("150", "150"),
        ("1.5", "1.5"),
        ("true", "True"),
        ("false", "False"),
        ('["a","ä"]', '["a", "ä"]'),
        ('[{"key":"a","value":true}]', '[{"key": "a", "value": true}]'),
    ],
)
def test_a_value_of_any_kind_becomes_text(value: str, text: str) -> None:
    for body in (f'{{"questions":[{{"name":"Q","value":{value}}}]}}', f'{{"Questions":{{"Q":{value}}}}}'):
        assert read_order(body, is_form=False).answers == {"Q": text}


@pytest.mark.parametrize(
    ("body", "is_form", "priority", "credential_id"),
    [
        ('{"questions":[{"name":"","value":""}],"priority":0}', False, Priority.LOW, None),
        ('{"questions":[{}],"priority":"0"}', False, Priority.LOW, None),
        ('{"priority":"Low","credentialId":""}', False, Priority.LOW, None),
        ('{"priority":"","credentialId":"5F2a"}', False, None, "5F2a"),
        ("priority=High&questions=%5B%5D", True, Priority.HIGH, None),
        ('{"priority":"Default"}', False, None, None),
        ('{"priority":3}', False, Priority.CRITICAL, None),
        ("", True, None, None),
    ],
)
def test_priority_and_credential_are_read(body: str, is_form: bool, priority: Priority | None, credential_id: str | None) -> None:
    order = read_order(body, is_form=is_form)
    assert (order.answers, order.priority, order.credential_id) == ({}, priority, credential_id)


def test_a_form_holds_its_questions_as_json() -> None:
    assert read_order("questions=%5B%7B%22name%22%3A%22a+b%22%2C%22value%22%3A1%7D%5D", is_form=True).answers == {"a b": "1"}


@pytest.mark.parametrize(
    ("body", "is_form"),
    [
        ("{", False),
        ("[]", False),
        ('"x"', False),
        ('{"questions":5}', False),
        ('{"priority":"9"}', False),
        ('{"credentialId":"\\ud800"}', False),
        ('{"priority":"soon"}', False),
        ("questions=%7B", True),
        ("[" * 100_000, False),
        ("9" * 5000, False),
    ],
)
def test_what_makes_no_sense_is_refused(body: str, is_form: bool) -> None:
    with pytest.raises(InvalidError):
        read_order(body, is_form=is_form)
