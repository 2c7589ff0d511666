"""The registered sentences, as tests read them: kind → headline, code → action, topic → kinds."""

from types import SimpleNamespace

from kamplay.show.registry import actions, specs, topics

HEADLINES = {kind: spec.headline for kind, spec in specs().items()}
BRIEF = {kind: spec.brief for kind, spec in specs().items() if spec.brief is not None}
BRIEF_ACTIONS = {code: text for spec in specs().values() for code, text in spec.brief_actions.items()}
ACTIONS = actions()
TOPICS = topics()


def of_module(name: str) -> SimpleNamespace:
    """The sentences that one topic's file registers. ``name``: such as ``value.stress_test``."""
    source = specs_of(name)
    return SimpleNamespace(
        HEADLINES={spec.kind: spec.headline for spec in source},
        ACTIONS={code: text for spec in source for code, text in spec.actions.items()},
    )


def specs_of(name: str) -> list:
    """The finding specs that one topic's file registers."""
    import ast
    from importlib import import_module
    from pathlib import Path

    tree = ast.parse(Path(import_module(f"kamplay.show.{name}").__file__).read_text(encoding="utf-8"))
    # a file may build its specs by functions of its own
    functions = [d for d in tree.body if isinstance(d, ast.FunctionDef)]
    makers = {"FindingSpec", *(d.name for d in functions if getattr(d.returns, "id", "") == "FindingSpec")}
    calls = [c for c in ast.walk(tree) if isinstance(c, ast.Call) and getattr(c.func, "id", "") in makers]
    return [specs()[c.args[0].value] for c in calls if isinstance(c.args[0], ast.Constant)]
