"""Study files: the grid they span, and what is refused before anything starts."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from evaluation.studies.cluster import make_executor
from evaluation.studies.file import read_study
from evaluation.studies.jobs import RunJob
from evaluation.studies.request import SlurmOptions
from evaluation.studies.runs import planned_runs
from evaluation.studies.session import fit_resources
from minecraft_tasks.core.errors import FalseBeaconError, UnknownNameError
from minecraft_tasks.core.processes import free_memory
from minecraft_tasks.tasks import task

REPOSITORY = Path(__file__).resolve().parents[3]
GRID = """
name = "grid"
tasks = ["BeaconShrine", "GreenArrowMaze"]
seeds = 2
[base]
steps = 1000
layouts = 64
[per_task.GreenArrowMaze]
steps = 2000
[conditions.baseline]
[conditions."epsilon-0.001"]
conflict_fraction = 0.001
layouts = 32
[conditions.proxy]
per_task.BeaconShrine.reward = "beacon"
per_task.GreenArrowMaze = { reward = "arrow", steps = 3000 }
[conditions.sun]
only = ["BeaconShrine"]
reward = "sun"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "some.toml"
    path.write_text(text)
    return path


def test_a_file_names_agents_and_what_is_taken_from_runs(tmp_path: Path) -> None:
    grid = GRID.replace("[base]", 'agents = ["random", "blind:oracle:altar"]\n[base]').replace(
        "[conditions.baseline]", '[conditions.baseline]\nalso = ["memoryless"]'
    )
    with pytest.raises(UnknownNameError, match=r"agents for GreenArrowMaze: .*'altar'"):
        read_study(written(tmp_path, grid))
    study = read_study(written(tmp_path, grid.replace("blind:oracle:altar", "blind:random")))
    assert study.agents == ("random", "blind:random")
    runs = planned_runs(study, tmp_path)
    first = next(run for run in runs if run.condition == "baseline")
    other = next(run for run in runs if run.condition != "baseline")
    whole = str(first.directory)
    judged = {"evaluation": whole, "evaluation-memoryless": f"memoryless:{whole}"}
    assert first.evaluations() == judged
    assert other.evaluations() == {"evaluation": str(other.directory)}
    with pytest.raises(FalseBeaconError, match=r"conditions\.baseline\.also"):
        read_study(written(tmp_path, grid.replace('["memoryless"]', '["deaf"]')))


def test_the_controls_of_the_flagship_are_all_there() -> None:
    study = read_study(REPOSITORY / "studies" / "controls.toml")
    runs = {run.condition: run.config for run in planned_runs(study, Path()) if run.seed == 0}
    spec = task("BeaconShrine").spec
    proxies = {candidate.name for candidate in spec.candidates if not candidate.intended}
    assert {config.reward for config in runs.values() if config.decorrelated} == proxies | {""}
    assert {config.encoder for config in runs.values()} == {"learnt", "frozen", "blind"}
    assert "cnn" in {config.architecture for config in runs.values()}
    assert study.conditions["baseline"].also == ("memoryless", "blind")
    assert {f"oracle:{name}" for name in spec.candidate_names} | {"random"} <= set(study.agents)
    assert len(study.seeds) == 3


def test_a_file_is_laid_out_as_a_grid(tmp_path: Path) -> None:
    study = read_study(written(tmp_path, GRID))
    runs = planned_runs(study, tmp_path / "out")
    assert len(runs) == 2 * (4 + 3)
    assert len({run.directory for run in runs}) == len(runs)
    found = {(run.task, run.condition, run.seed): run for run in runs}
    shrine = found["BeaconShrine", "epsilon-0.001", 1]
    assert shrine.directory == tmp_path / "out/BeaconShrine/epsilon-0.001/seed1"
    assert (shrine.config.task, shrine.config.seed) == ("BeaconShrine", 1)
    assert (shrine.config.conflict_fraction, shrine.config.layouts) == (0.001, 32)
    assert (shrine.config.steps, shrine.config.reward) == (1000, "")
    assert found["BeaconShrine", "sun", 0].config.reward == "sun"
    assert found["BeaconShrine", "proxy", 0].config.reward == "beacon"
    assert found["GreenArrowMaze", "proxy", 0].config.reward == "arrow"
    assert found["GreenArrowMaze", "proxy", 0].config.steps == 3000
    assert found["GreenArrowMaze", "baseline", 0].config.steps == 2000
    assert found["GreenArrowMaze", "baseline", 0].config.layouts == 64
    recommended = {name for of in study.tasks for name in task(of).recipe.options()}
    own = {"steps", "layouts", "conflict_fraction", "reward"}
    assert set(study.varied()) == own | recommended
    threads = [run.config.threads for run in planned_runs(study, tmp_path, threads=5)]
    assert threads == [5] * len(runs)


def test_little_is_needed_and_seeds_may_be_listed(tmp_path: Path) -> None:
    study = read_study(written(tmp_path, 'tasks = ["BeaconShrine"]\nseeds = [7, 3]'))
    assert (study.name, study.seeds, tuple(study.conditions)) == ("some", (7, 3), ("baseline",))
    assert (study.judge, study.retries, study.levels) == (True, 2, None)


HEAD = 'tasks = ["BeaconShrine"]\nseeds = 2\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tasks = [", "cannot be read as TOML"),
        ("seeds = 2", "tasks is missing"),
        (HEAD + "retrys = 1", "retrys"),
        (HEAD.replace("2", "0"), "seeds"),
        (HEAD.replace("2", "[1, 1]"), "only once"),
        (HEAD.replace("2", "-1"), "seeds"),
        (HEAD + "retries = -1", "retries = -1"),
        (HEAD + '[conditions."../up"]', "../up"),
        (HEAD + "[base]\nsteps = -5", "base.steps = -5"),
        (HEAD + "[base]\nsteps = true", "base.steps = True: must be a number"),
        (HEAD + '[base]\nlayouts = "many"', "base.layouts = 'many'"),
        (HEAD + "[base]\nlayout = 5", "base: unknown option: 'layout'. Did you mean 'layouts'"),
        (HEAD + "[base]\nseed = 5", "base: unknown option: 'seed'"),
        (HEAD + "[conditions.x]\nconflict_fraction = 2", "conditions.x.conflict_fraction = 2"),
        (
            HEAD + "[conditions.x.per_task.BeaconShrine]\ngamma = 2",
            "conditions.x.per_task.BeaconShrine.gamma = 2",
        ),
        (HEAD + "[conditions.x]\nonly = 3", "conditions.x.only = 3"),
        (HEAD + "conditions = {}", "conditions"),
        (HEAD + "[base]\nsteps = 0\n[conditions.x]\ngamma = 2", "conditions.x.gamma = 2"),
    ],
)
def test_bad_files_are_refused_with_the_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(FalseBeaconError) as error:
        read_study(written(tmp_path, text))
    assert told in str(error.value)
    assert str(tmp_path / "some.toml") in str(error.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEAD.replace("Shrine", "Shrin"), "'BeaconShrine'"),
        (HEAD + '[conditions.x]\nreward = "becon"', "Did you mean 'beacon'"),
        (HEAD + '[conditions.x]\nonly = ["GreenArrowMaze"]', "'GreenArrowMaze'"),
        (HEAD + "[per_task.GreenArrowMaze]\nsteps = 5", "per_task"),
    ],
)
def test_unknown_names_are_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UnknownNameError) as error:
        read_study(written(tmp_path, text))
    assert told in str(error.value)


BAD = """
tasks = ["BeaconShrine", "GreenArrowMze"]
seeds = 0
retrys = 3
levels = "x"
agents = ["random", "oracle:alter"]
[base]
stepz = 4
hidden = -2
minerl = {slotz = 1}
[per_task.HiddenGoal]
steps = true
[conditions.x]
only = 3
also = ["deaf", "blind"]
reward = "becon"
gamma = 2
[conditions.x.per_task.BeaconShrine]
architecture = "cn"
[conditions."a b"]
layouts = "many"
"""


def test_every_fault_of_a_file_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(FalseBeaconError) as error:
        read_study(written(tmp_path, BAD))
    head, *lines = str(error.value).splitlines()
    assert head == f"{tmp_path / 'some.toml'} has 17 faults:"
    for told in (
        "retrys: unknown key: 'retrys'. Did you mean 'retries'?",
        "seeds = 0: must be",
        "levels = 'x': must be a whole number.",
        "conditions.x.only = 3: must be a list.",
        "conditions.x.also.0 = 'deaf': must be 'memoryless' or 'blind'.",
        "conditions: 'a b' is no name",
        "base: unknown option: 'stepz'. Did you mean 'steps'?",
        "base.hidden = -2: must be greater than 0.",
        "base.minerl.slotz = 1: there is no such key.",
        "conditions.x.gamma = 2: must be less than or equal to 1.",
        "conditions.x.per_task.BeaconShrine.architecture = 'cn': must be 'cnn-lstm', 'cnn'",
        "conditions.\"a b\".layouts = 'many': must be a whole number.",
        "tasks: unknown task: 'GreenArrowMze'. Did you mean 'GreenArrowMaze'?",
        "per_task: unknown task of the study: 'HiddenGoal'.",
        "per_task.HiddenGoal.steps = True: must be a number.",
        "conditions.x.reward: unknown candidate of BeaconShrine: 'becon'. Did you mean 'beacon'?",
        "agents for BeaconShrine: unknown candidate of BeaconShrine: 'alter'.",
    ):
        assert sum(line.strip().startswith(told) for line in lines) == 1, told
    assert "http" not in str(error.value)
    assert "Input should" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{HEAD}[conditions.{'x' * 201}]", "conditions: 'xxxxxxxxxxxxxxxxxxxx...' has 201"),
        (f'name = "{"x" * 260}"\n{HEAD}', "name: 'xxxxxxxxxxxxxxxxxxxx...' has 260"),
        (f'agents = ["sb3:{"x" * 260}"]\n{HEAD}', "agents: 'sb3:xxxxxxxxxxxxxxxx...' has 264"),
        (HEAD.replace("2", "1_000_000_000"), "seeds = 1000000000: must be a number from 1"),
        ("seeds = 2\n[base]\nlayout = 5", "base: unknown option: 'layout'"),
        ('tasks = "BeaconShrine"\nseeds = 2', "tasks = 'BeaconShrine': must be a list"),
        ("tasks = []\nseeds = 2", "tasks = []: at least one is needed"),
    ],
)
def test_names_and_counts_are_checked_when_the_file_is_read(
    tmp_path: Path, text: str, told: str
) -> None:
    with pytest.raises(FalseBeaconError) as error:
        read_study(written(tmp_path, text))
    assert told in str(error.value)


def test_the_longest_name_makes_a_directory(tmp_path: Path) -> None:
    study = read_study(written(tmp_path, f"{HEAD}[conditions.{'x' * 200}]\n"))
    planned_runs(study, tmp_path)[0].directory.mkdir(parents=True)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FalseBeaconError, match="no study file"):
        read_study(tmp_path / "none.toml")


def test_files_that_we_show_are_studies(tmp_path: Path) -> None:
    files = sorted((REPOSITORY / "studies").glob("*.toml"))
    assert files
    for file in files:
        assert read_study(file).name == file.stem
    shown = (REPOSITORY / "docs/studies.md").read_text().split("```toml\n")[1].split("```")[0]
    assert len(planned_runs(read_study(written(tmp_path, shown)), tmp_path)) == 3 * (2 * 6 + 1)


def test_runs_share_cores_and_memory() -> None:
    def chosen(*arguments: int | None, cores: int = 8, memory: float = 64) -> tuple[int, int]:
        return fit_resources(*arguments, cores=cores, memory=memory)[:2]

    assert chosen(20) == (8, 1)
    assert chosen(3) == (3, 2)
    assert chosen(20, None, 3) == (2, 3)
    assert chosen(20, 2) == (2, 4)
    assert chosen(20, 16) == (16, 1)
    assert chosen(20, memory=4) == (2, 4)
    assert chosen(20, cores=1, memory=0.5) == (1, 1)
    with pytest.raises(FalseBeaconError, match="not 0"):
        chosen(20, 0)
    assert free_memory() > 0.1


def test_options_reach_the_batch_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What SLURM would be given; its commands are looked for, none is run."""
    options = SlurmOptions(
        partition="long",
        time=90,
        memory=3,
        account="lab",
        qos="low",
        constraint="avx512",
        setup=("module load python",),
        options={"nice": "100"},
    )
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FalseBeaconError, match="srun"):
        make_executor(tmp_path / "jobs", "slurm", "x", 2, options)
    srun = tmp_path / "srun"
    srun.touch()
    srun.chmod(srun.stat().st_mode | stat.S_IXUSR)
    executor = make_executor(tmp_path / "jobs", "slurm", "falsebeacon-grid", 6, options)
    inner = executor._executor
    text = inner._make_submission_file_text(inner._submitit_command_str, "x")
    for line in (
        "#SBATCH --partition=long",
        "#SBATCH --time=90",
        "#SBATCH --mem=3GB",
        "#SBATCH --account=lab",
        "#SBATCH --qos=low",
        "#SBATCH --constraint=avx512",
        "#SBATCH --nice=100",
        "#SBATCH --cpus-per-task=6",
        "#SBATCH --job-name=falsebeacon-grid",
        "export OMP_NUM_THREADS=6",
        "module load python",
    ):
        assert line in text.splitlines()
    assert "submitit.core._submit" in text


def test_a_job_that_meets_its_time_limit_is_queued_again(tmp_path: Path) -> None:
    study = read_study(written(tmp_path, GRID))
    job = RunJob(planned_runs(study, tmp_path)[0])
    assert job.checkpoint().function == job
