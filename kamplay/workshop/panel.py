"""The panel in JupyterLab: sliders, live tiers, the ballot form, the agreement so far."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as ipw
import pandas as pd

from kamplay.errors import KamplayError
from kamplay.palette import BAD, GOOD, RULE, SLATE
from kamplay.run_folder import Run
from kamplay.show.faults import line
from kamplay.show.locale import N_
from kamplay.show.view import using, view_of
from kamplay.workshop import words
from kamplay.workshop.ballot_file import FILE, RefusedError, temporary
from kamplay.workshop.session import Session

NEEDS_LAB = N_(
    "The workshop's panel needs JupyterLab with a running kernel: open the notebook with kamplay lab."
)
OF_A_CLASS = N_(
    "The panel needs a running kernel: start JupyterLab (jupyter lab) in this folder, open {file} and run "
    "all its cells."
)
STYLE = (
    "<style>.kamplay-workshop "
    "table{border-collapse:collapse;font-size:13px;line-height:1.4}.kamplay-workshop th,.kamplay-workshop td"
    "{padding:2px 10px;text-align:left}.kamplay-workshop .num{text-align:right}"
    f".kamplay-workshop th,.kamplay-workshop td{{border-bottom:1px solid {RULE}}}"
    f".kamplay-workshop figure{{margin:6px 0}}.kamplay-workshop figcaption{{font-size:12px;color:{SLATE}}}"
    ".kamplay-workshop .jupyter-widget-tagsinput{width:460px;min-height:32px;flex-wrap:wrap}"
    ".kamplay-workshop .jupyter-widget-tagsinput input{min-width:440px}"
    ".kamplay-workshop .phone{display:none}.kamplay-workshop p{line-height:1.5}</style>"
)
WIDE, FIELD = "460px", {"description_width": "130px"}


def panel(run: Run, ballots: Path | None = None) -> ipw.Widget:
    """The panel of a run, or the reasons why its ballots.csv cannot be read. ``ballots``: where they are
    saved, the run's folder by default.
    """
    locale = view_of(run.settings, run.language, run.book).locale
    try:
        session = Session(run.book, run.scorecard, ballots or run.folder, run.language)
        return Panel(run, session, of_a_class=ballots is not None)
    except RefusedError as error:
        return Notice([words.refused(error, locale)])
    except KamplayError as error:
        sentence = locale.say(
            N_("{file} in this run's folder cannot be read; mend it or move it away."), file=FILE
        )
        return Notice([sentence, *(line(fault, locale) for fault in error.faults)])


class _PlainText:
    """A widget with a sentence to show where no front end draws it."""

    sentence = ""

    def __repr__(self) -> str:
        return self.sentence

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        bundle = super()._repr_mimebundle_(**kwargs)  # type: ignore[misc]
        return {**(bundle or {}), "text/plain": self.sentence}


class Notice(_PlainText, ipw.HTML):
    """Sentences in place of the panel."""

    def __init__(self, sentences: list[str]):
        self.sentence = "\n".join(sentences)
        super().__init__("".join(words.paragraph(s) for s in sentences))


class Panel(_PlainText, ipw.VBox):
    """``sliders`` by top criterion, ``rater``, ``department``, ``round``, ``nominated``, the buttons, and the
    texts they change.
    """

    def __init__(self, run: Run, session: Session, of_a_class: bool = False):
        self.run, self.session, self.of_a_class = run, session, of_a_class
        self.view = view_of(run.settings, run.language, run.book)
        self.locale, card = self.view.locale, run.scorecard
        self.sentence = (
            self.locale.say(OF_A_CLASS, file=f"workshop.{run.language}.ipynb")
            if of_a_class
            else self.locale.text(NEEDS_LAB)
        )
        self.initial = {key: round(100 * share) for key, share in session.weights.items()}
        self.updating = False
        self.sliders = {
            key: ipw.IntSlider(
                self.initial[key],
                0,
                100,
                description=c.get(run.language),
                continuous_update=False,
                style={"description_width": "150px"},
                layout={"width": WIDE},
            )
            for key, c in card.criteria.items()
        }
        self.same_size = ipw.Checkbox(
            False,
            description=self._t(N_("Keep as many accounts in each tier as now")),
            indent=False,
            layout={"width": WIDE},
        )
        self.shares, self.tiers, self.status, self.agreed = (ipw.HTML() for _ in range(4))
        self.reset = self._button(N_("Back to the present weights"), self._on_reset)
        self.mean = self._button(N_("Take the departments' mean"), self._on_mean)
        self.rater = ipw.Text(description=self._t(N_("Name")), style=FIELD, layout={"width": WIDE})
        self.department = ipw.Combobox(
            description=self._t(N_("Department")), style=FIELD, layout={"width": WIDE}
        )
        self.round = ipw.BoundedIntText(
            max(session.rounds, default=1), 1, 99, description=self._t(N_("Round")), style=FIELD
        )
        self.ids = _by_label(run.book.names)
        self.nominated = ipw.TagsInput(allowed_tags=list(self.ids), allow_duplicates=False)
        self.capture = self._button(N_("Capture the ballot"), self._on_capture, "primary")
        self.undo = self._button(N_("Take the last one back"), self._on_undo)
        self.save = self._button(N_("Save"), self._on_save, "success")
        hint = self._t(N_("Accounts to nominate, at most 10: type a part of the name and choose."))
        ballot = self._t(N_("Ballot: the weights above, and who should be key"))
        left = [
            *self.sliders.values(),
            self.shares,
            # a class is to negotiate: what the mean would be is no place to begin from
            ipw.HBox([self.reset] if of_a_class else [self.reset, self.mean]),
            self.same_size,
            ipw.HTML(f"<b>{escape(ballot)}</b>"),
            self.rater,
            self.department,
            self.round,
            ipw.HTML(words.paragraph(hint)),
            self.nominated,
            ipw.HBox([self.capture, self.undo, self.save]),
            self.status,
        ]
        more = ipw.Accordion(
            [self.agreed],
            titles=(self._t(N_("Agreement so far (open it after the vote)")),),
            selected_index=None,
        )
        columns = ipw.HBox(
            [ipw.VBox(left, layout={"width": "500px", "flex": "0 0 auto"}), self.tiers],
            layout={"flex_flow": "row wrap"},
        )
        super().__init__([ipw.HTML(STYLE), columns, more])
        self.add_class("kamplay-workshop")
        for control in (*self.sliders.values(), self.same_size):
            control.observe(self._on_weights, "value")
        self._show_tiers()
        self._show_agreement()
        if temporary(self._folder):
            self._say(words.fleeting(self.locale), False)

    @property
    def _folder(self) -> Path:
        """Where the ballots are saved."""
        return self.session.folder or self.run.folder

    @property
    def weights(self) -> dict[str, float]:
        return {key: float(slider.value) for key, slider in self.sliders.items()}

    def _t(self, text: str) -> str:
        return self.locale.text(text)

    def _button(self, text: str, act: Any, style: str = "") -> ipw.Button:
        button = ipw.Button(description=self._t(text), button_style=style, layout={"width": "auto"})
        button.on_click(act)
        return button

    def _set(self, weights: dict[str, int]) -> None:
        """Set all sliders and update the tiers once."""
        self.updating = True
        try:
            for key, value in weights.items():
                self.sliders[key].value = value
        finally:
            self.updating = False
        self._show_tiers()

    def _on_weights(self, _: Any) -> None:
        if not self.updating:
            self._show_tiers()

    def _on_reset(self, _: Any = None) -> None:
        self._set(self.initial)

    def _on_mean(self, _: Any = None) -> None:
        found = self.session.agreement()
        if found is None or found.proposal.empty:
            self._say(self._t(N_("No ballots yet.")), True)
        else:
            self._set({key: round(100 * share) for key, share in found.proposal.items()})

    def _on_capture(self, _: Any = None) -> None:
        try:
            named = [self.ids.get(label, label) for label in self.nominated.value]
            ballot = self.session.capture(
                self.rater.value, self.department.value, self.weights, named, self.round.value
            )
        except RefusedError as error:
            self._refuse(error)
            return
        self.rater.value, self.nominated.value = "", []
        self._show_agreement()
        self._set(self.initial)  # the next person starts from the same weights, not from the last one's
        self._say(words.captured(ballot, self.locale), bool(ballot.namesake))

    def _on_undo(self, _: Any = None) -> None:
        ballot = self.session.undo()
        self._show_agreement()
        self._say(words.undone(ballot, self.locale), ballot is None)

    def _on_save(self, _: Any = None) -> None:
        try:
            path = self.session.save()
        except RefusedError as error:
            self._refuse(error)
            return
        self._show_agreement()
        fleeting = temporary(self._folder)
        say = words.saved_for_class if self.of_a_class else words.saved
        self._say(say(str(path), fleeting, self.locale), fleeting)

    def _refuse(self, error: RefusedError) -> None:
        names = error.figures.get("names", [])
        shown = [
            self.run.scorecard.criteria[n].get(self.run.language) if n in self.run.scorecard.criteria else n
            for n in names
        ]
        self._say(
            words.refused(RefusedError(error.code, **{**error.figures, "names": shown}), self.locale), True
        )

    def _say(self, text: str, warns: bool) -> None:
        colour = BAD if warns else GOOD
        self.status.value = (
            f'<p role="status" style="color:{colour};margin:4px 0;line-height:1.5">{escape(text)}</p>'
        )

    def _show_tiers(self) -> None:
        """Untouched sliders mean the exact weights in force, not these rounded to whole points."""
        weights: Any = self.session.weights if self.weights == self.initial else self.weights
        try:
            found = self.session.base.preview(weights, self.same_size.value)
        except RefusedError as error:
            self.shares.value = words.paragraph(words.refused(error, self.locale))
            return
        with using(self.view):
            self.shares.value = words.paragraph(words.normalised(found, self.run.scorecard, self.locale))
            self.tiers.value = words.tiers_html(found, self.run.scorecard, self.locale)

    def _show_agreement(self) -> None:
        with using(self.view):
            self.agreed.value = words.agreement_html(
                self.session.agreement(), self.run.scorecard, self.locale
            )
        self.department.options = tuple(self.session.departments)
        self.undo.disabled = not self.session.captured
        self.save.disabled = not self.session.unsaved


def _by_label(names: pd.Series) -> dict[str, str]:
    """Name with id → account id: what a person searches for; the id tells namesakes apart."""
    labels = {
        f"{name} ({account})" if name != account else str(account): str(account)
        for account, name in names.items()
    }
    return dict(sorted(labels.items()))
