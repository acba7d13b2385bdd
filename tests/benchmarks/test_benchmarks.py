"""The benchmarks compute what they claim to; nothing is timed against a clock here."""

import json
from pathlib import Path

import pytest

from tests.benchmarks import costs, eager, instructions, peers, report, rounds, table, worker
from tests.benchmarks.__main__ import main
from tests.benchmarks.peers import ENGINES, OURS, Engine

pytestmark = pytest.mark.slow  # each engine is a process of its own

TINY = eager.Sizes(points=4, steps=1, seconds=0.0, nodes=(10, 20), nodes_in_all=40, width=4, rows=4)

PAIRS = [(workload, peer) for workload, others in eager.WORKLOADS.items() for peer in others]


def need(engine: str) -> None:
    if not ENGINES[engine].installed:
        pytest.skip(peers.absent())


@pytest.mark.parametrize(("workload", "peer"), PAIRS)
def test_engines_agree_on_gradients(workload: str, peer: str) -> None:
    need(peer)
    ours, theirs = (worker.gradients(workload, engine, points=4)["gradients"] for engine in (OURS, peer))
    assert len(ours) == 337
    assert any(ours)
    assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-9)


def test_a_wrong_gradient_stops_the_benchmark(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {"rantai": [1.0, 2.0], "stored slopes": [1.0, 2.1], "micrograd": [1.0, float("nan")]}
    monkeypatch.setattr(eager, "run", lambda job: {"gradients": wrong[job["engine"]]})
    for peer in ("stored slopes", "micrograd"):
        monkeypatch.setattr(eager, "installed", lambda names, peer=peer: [peer])
        with pytest.raises(AssertionError, match=f"raw: {peer} and rantai differ"):
            eager.agree("raw", TINY)


def test_a_worker_is_a_process_that_answers_in_json() -> None:
    job = {"job": "gradients", "workload": "raw", "engine": OURS, "points": 2}
    assert rounds.run(job) == worker.answer(job)


def test_a_table_is_learned_from_its_file(tmp_path: Path) -> None:
    """19 normal numbers and a linear function of them: what is left after 20 epochs is little of its variance, 1."""
    file = table.write_table(tmp_path / "table.csv", 200)
    lines = file.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 201
    assert {line.count(",") for line in lines} == {19}
    found = rounds.run({"job": "table_training", "path": str(file), "epochs": 20})
    assert found["loss"] < 0.1
    assert min(found["cpu_seconds"], found["wall_seconds"], found["gigabytes"]) > 0


def test_the_whole_command_writes_its_scores(tmp_path: Path) -> None:
    found = rounds.run({"job": "table_command", "path": str(table.write_table(tmp_path / "table.csv", 100))})
    assert found["status"] == 0
    assert "20 test rows" in found["said"] and "network.svg" in found["said"]


def test_the_trial_of_tables_prints_seconds_and_memory(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table", "--quick", "--rounds", "1"]) == 0
    printed = capsys.readouterr().out
    assert "500 × 20  5 epochs from the file" in printed
    assert "500 × 20  rantai train" in printed
    assert "500 × 20  rantai train: peak memory" in printed


def test_a_worker_that_fails_is_reported() -> None:
    with pytest.raises(RuntimeError, match="no such shape"):
        rounds.run({"job": "node_time", "shape": "no such shape", "nodes": 1, "collector": "on", "at_least": 1})


def test_without_valgrind_no_instructions_are_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(instructions, "which", lambda program: None)
    assert instructions.main() == 1
    assert "valgrind is not on the PATH" in capsys.readouterr().out


def test_turns_are_interleaved(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    done: list[str] = []
    monkeypatch.setattr(rounds, "run", lambda job: {"turn": done.append(job["name"]) or len(done)})
    assert rounds.run_in_turns([{"name": "A"}, {"name": "B"}], 2, "letters") == [
        [{"turn": 1}, {"turn": 3}],
        [{"turn": 2}, {"turn": 4}],
    ]
    assert "letters: round 2 of 2" in capsys.readouterr().err


def test_bytes_count_the_nodes_that_are_alive() -> None:
    """A node cannot be smaller than its fields: ten slots of 8 bytes, and two floats of 24."""
    assert 128 < worker.node_bytes(OURS, "+ - * /", width=20, rows=20)["bytes"] < 1000


@pytest.mark.parametrize(
    ("target", "good", "bad"),
    [(report.Target(">=", 5), 5.0, 4.9), (report.Target(">", 1), 1.1, 1.0), (report.Target("<=", 350), 350.0, 351.0)],
)
def test_targets(target: report.Target, good: float, bad: float) -> None:
    assert target.reached(good)
    assert not target.reached(bad)


def test_ratios_are_taken_within_a_round() -> None:
    slow, fast = (
        [{"cpu_seconds": t, "wall_seconds": t} for t in times] for times in ((2.0, 40.0, 6.0), (1.0, 10.0, 6.0))
    )
    figure = eager.ratio("w", "slow / fast", "on", slow, fast, None)
    assert figure.cpu == report.Spread(2.0, 1.0, 4.0)  # the ratio of the medians would be 6 / 6


def test_the_json_has_the_stated_shape(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(eager, "QUICK", TINY)
    monkeypatch.setattr(eager, "run", worker.answer)  # in this process: quicker, and of tiny times no use is made
    monkeypatch.setattr(rounds, "run", lambda job: worker.answer({**job, "collector": "on"}))
    file = tmp_path / "figures.json"
    assert main(["eager", "--quick", "--rounds", "1", "--json", str(file)]) == 0
    content = json.loads(file.read_text(encoding="utf-8"))
    for timing in content["timings"]:
        assert set(timing) == {"workload", "engine", "collector", "cpu_seconds", "wall_seconds"}
        assert timing["collector"] in ("on", "off")
        assert min(timing["cpu_seconds"], timing["wall_seconds"]) >= 0
    for figure in content["ratios"]:
        assert set(figure) == {"workload", "what", "collector", "cpu", "wall", "target", "reached"}
        assert figure["cpu"]["min"] <= figure["cpu"]["median"] <= figure["cpu"]["max"]
        assert (figure["target"] is None) == (figure["reached"] is None)
    assert {(t["workload"], t["engine"], t["collector"]) for t in content["timings"]} >= {
        ("raw", OURS, "on"),
        ("demo", OURS, "off"),
    }
    assert {s["target"] for s in content["sizes"] if s["what"].startswith(OURS)} == {"<= 350"}
    table = capsys.readouterr().out
    assert "stored slopes / rantai" in table
    assert all(
        word in table for word in ("target", "<= 1.5", ">= 30" if ENGINES["micrograd"].installed else "pip install")
    )


def test_strict_fails_on_a_missed_target(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    missed = report.Figure("w", "slow / fast", "on", "×", report.Spread(2.0, 1.0, 3.0), None, report.Target(">=", 5))
    monkeypatch.setattr(eager, "measure", lambda rounds, quick: report.Report("eager", rounds, quick, figures=[missed]))
    assert main(["eager"]) == 0
    assert main(["eager", "--strict"]) == 1
    assert "MISSED" in capsys.readouterr().out


def test_a_missing_peer_is_left_out_with_the_command_that_adds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        peers,
        "ENGINES",
        {"ours": Engine("ours", "engine"), "theirs": Engine("theirs", "no_such_module.engine", "theirs==1")},
    )
    assert peers.installed(("ours", "theirs")) == ["ours"]
    assert peers.absent().endswith("python -m pip install theirs==1")


def test_no_rounds_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["eager", "--rounds", "0"])
    assert "at least 1 round" in capsys.readouterr().err


def test_costs_are_found_in_what_steps_take() -> None:
    """Of times that are made of them; one that times contradict is 0."""
    true = [5e-6, 2e-9, 0.0, 7e-11]
    counts = [(13, 300, 40, 256), (13, 300, 4000, 25600), (26, 70_000, 9000, 700_000), (50, 9, 6, 4), (7, 7, 700, 30)]
    times = [sum(cost * count for cost, count in zip(true, each, strict=True)) for each in counts]
    steps = [costs.Step(8, 1, each, seconds, seconds) for each, seconds in zip(counts, times, strict=True)]
    assert costs.fitted(steps) == pytest.approx(true, rel=1e-6, abs=1e-15)


def test_a_wrong_choice_loses_what_the_other_machine_is_faster_by() -> None:
    def step(seconds: float, estimated: float) -> costs.Step:
        return costs.Step(8, 1, (), seconds, estimated)

    assert costs.lost({"kernel": step(2.0, 1.0), "numpy": step(3.0, 1.5)}) == ("kernel", 1.0)
    assert costs.lost({"kernel": step(3.0, 1.0), "numpy": step(2.0, 1.5)}) == ("kernel", 1.5)


def test_steps_of_both_machines_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costs, "BATCHES", (1, 9))
    monkeypatch.setattr(costs, "SECONDS", 0.0)
    found = costs.measured(3)
    for backend, steps in found.items():
        assert [(step.units, step.batch) for step in steps] == [(3, 1), (3, 9)]
        assert all(step.seconds > 0 and step.estimated > 0 for step in steps)
        together = costs.COSTS[backend].together
        weights = 3 * 2 + 3 * 3 + 1 * 3
        assert [step.counts[3] for step in steps] == [weights, weights * -(-9 // together) * together]
