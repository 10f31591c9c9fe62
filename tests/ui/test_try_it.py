"""Trying a model, as a person does it on the page in this process."""

from typing import TYPE_CHECKING

from tests.ui.shown import PICTURE, Asked, Visit, give, labels, press, send

from omloop.ui.parts.files import FileInput

if TYPE_CHECKING:
    from nicegui.testing import User


def test_a_number_is_answered_with_its_unit_and_its_truth_is_counted(visit: Visit, asked: Asked) -> None:
    asked.serve("marks")

    async def walk(user: "User") -> None:
        await user.open("/p/marks")
        send(user, "Ask the model", hours=2, age=20, sex="m")
        await user.should_see("45.0 points")
        press(user, "Tell what it really was")
        send(user, "Send", label=44)
        await user.should_see("It counts from now on")

    visit(walk)
    assert labels(asked.workspace, "marks") == [44.0]


def test_an_answer_says_what_it_hangs_on_where_the_server_can(visit: Visit, asked: Asked) -> None:
    asked.serve("marks", explains=True)
    asked.serve("reviews", explains=True)

    async def walk(user: "User") -> None:
        await user.open("/p/marks")
        send(user, "Ask the model", hours=2, age=20, sex="m")
        await user.should_see("45.0 points")
        await user.should_see("What it hangs on")
        await user.should_see("<span>Hours <small>2</small></span>")
        await user.open("/p/reviews")
        send(user, "Ask the model", review="good <bad>")
        await user.should_see("the chance of")
        await user.should_see("&lt;bad&gt;")

    visit(walk)


def test_a_class_is_answered_with_bars_and_can_be_called_wrong(visit: Visit, asked: Asked) -> None:
    asked.serve("reviews")

    async def walk(user: "User") -> None:
        await user.open("/p/reviews")
        send(user, "Ask the model", review="good good")
        await user.should_see("positive")
        press(user, "Wrong, it is …")
        send(user, "Send", label="negative")
        await user.should_see("It counts from now on")

    visit(walk)
    assert labels(asked.workspace, "reviews") == ["negative"]


def test_a_picture_is_answered_with_its_flag(visit: Visit, asked: Asked) -> None:
    asked.serve("tones")

    async def walk(user: "User") -> None:
        await user.open("/p/tones")
        await give(user, FileInput, "white.png", PICTURE)
        await user.should_see("light")
        await user.should_see("bright: yes")
        await user.should_see('<p class="om-meaning">much &lt;white&gt;</p>')

    visit(walk)


def test_a_file_that_is_no_picture_is_refused_by_name(visit: Visit, asked: Asked) -> None:
    asked.serve("tones")

    async def walk(user: "User") -> None:
        await user.open("/p/tones")
        await give(user, FileInput, "notes<b>.txt", b"just words")
        await user.should_see("is no picture that the model reads")
        await user.should_see("notes&lt;b&gt;.txt")

    visit(walk)


def test_a_broken_picture_is_refused_in_the_servers_words(visit: Visit, asked: Asked) -> None:
    asked.serve("tones")

    async def walk(user: "User") -> None:
        await user.open("/p/tones")
        await give(user, FileInput, "half.png", PICTURE[: len(PICTURE) // 2])
        await user.should_see("No answer")

    visit(walk)


def test_what_is_out_of_range_is_refused_in_the_servers_words(visit: Visit, asked: Asked) -> None:
    asked.serve("marks")

    async def walk(user: "User") -> None:
        await user.open("/p/marks")
        send(user, "Ask the model", hours=99, age=20, sex="m")
        await user.should_see("No answer")
        await user.should_see("hours")

    visit(walk)


def test_a_table_of_many_rows_is_answered_and_saved(visit: Visit, asked: Asked) -> None:
    asked.serve("marks")

    async def walk(user: "User") -> None:
        await user.open("/p/marks")
        await give(user, FileInput, "rows.csv", b"hours,age,sex\n1,20,f\n2,20,m\n")
        await user.should_see("2 answers to rows.csv")
        press(user, "Save all answers as a file")
        saved = await user.download.next()
        lines = saved.text.splitlines()
        assert lines[0] == "hours,age,sex,answer_score,prediction_id"
        assert lines[2].startswith("2,20,m,45.0,")

    visit(walk)


def test_a_table_with_wrong_columns_says_which(visit: Visit, asked: Asked) -> None:
    asked.serve("marks")

    async def walk(user: "User") -> None:
        await user.open("/p/marks")
        await give(user, FileInput, "rows.csv", b"hours,height\n1,20\n")
        await user.should_see("height")

    visit(walk)


def test_without_a_server_the_page_says_how_to_start_one(visit: Visit) -> None:
    async def walk(user: "User") -> None:
        await user.open("/p/marks")
        await user.should_see("No server runs")
        await user.should_see("omloop serve marks")

    visit(walk)


def test_a_project_that_nobody_knows_is_told(visit: Visit) -> None:
    async def walk(user: "User") -> None:
        await user.open("/p/nowhere")
        await user.should_see("There is nothing here")

    visit(walk)


def test_the_command_that_is_shown_asks_the_same(visit: Visit, asked: Asked) -> None:
    asked.serve("marks")

    async def walk(user: "User") -> None:
        await user.open("/p/marks")
        send(user, "Ask the model", hours=2, age=20, sex="m")
        await user.should_see("| omloop predict marks --rows - --record")

    visit(walk)


def test_an_example_is_one_click_away(visit: Visit, asked: Asked) -> None:
    asked.serve("tones")

    async def walk(user: "User") -> None:
        await user.open("/p/tones")
        press(user, "Example 2")
        await user.should_see("Was it right?")

    visit(walk)
