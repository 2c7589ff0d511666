"""The words of every fault, of a slip in a settings file, and of why a header feeds no column."""

from __future__ import annotations

from kamplay.show.locale import N_

# code → (what is wrong, what to do)
FAULTS: dict[str, tuple[str, str]] = {
    # a report that cannot be final yet
    "final_difference": (
        N_(
            "Revenue differs from the control total supplied by {difference:money} ({share:pct}), and "
            "nothing explains it."
        ),
        N_("Find the reason with the client's finance department, see the notebook of step 0."),
    ),
    "final_figure_unknown": (
        N_("This key figure is not known, and no finding says why."),
        N_("Give the data that it needs, see docs/settings.md."),
    ),
    "final_guess": (
        N_("This setting was guessed, and nobody has confirmed it."),
        N_("If right, write confirmed: [{column}] into engagement.yaml; if not, change it there."),
    ),
    "final_refused": (
        N_("The report is not final: what stands above is left open ({codes:words})."),
        N_(
            "Mend it, or say in engagement.yaml why it may stand, as accepted_warnings: {{CODE: reason}}; "
            "without --final the report is made as a draft."
        ),
    ),
    # files, settings and presets
    "folder_missing": (
        N_("Nothing of this name is here{near_hint}."),
        N_("Check the name and the path. To begin, name the file that the client sent: kamplay run FILE"),
    ),
    "file_for_folder": (
        N_("No report was made of this yet, so there is no folder with its settings."),
        N_("Begin with: kamplay run {name}; or without a report: kamplay new FOLDER --from {name}"),
    ),
    "file_missing": (N_("The file does not exist{near_hint}."), N_("Check its name and place.")),
    "not_utf8": (
        N_("The file is not UTF-8 text; it may be GBK."),
        N_("Save it as UTF-8: in Notepad with Save as, Encoding UTF-8."),
    ),
    "file_not_read": (N_("The file cannot be read: {detail}"), N_("Check its name and place.")),
    "file_too_large": (
        N_("The file has more than {most:n} bytes; it was not read."),
        N_("Check whether it is the right file, and make it smaller."),
    ),
    "yaml_too_deep": (
        N_("Over {most:n} levels stand one inside the other."),
        N_("Look for brackets that are never closed, or shorten the file."),
    ),
    "yaml_too_many": (
        N_("With what * repeats, the file holds over {most:n} values."),
        N_("Write out what you need, without & and *."),
    ),
    "yaml_key_no_text": (
        N_("In line {line:n} a list or a mapping stands where the name of a setting belongs."),
        N_("Put a text with {{ or [ into quotes."),
    ),
    "character_unusable": (
        N_("The text holds a character that no file can hold ({character})."),
        N_("Write the text anew."),
    ),
    "yaml_broken": (
        N_("Position {position:n} cannot be read: {detail}."),
        N_("Mend that line; texts with a colon, a # or a leading % need quotes."),
    ),
    "yaml_slip": (N_("{slip_words}."), N_("Type {sign_words} instead.")),
    "settings_not_a_mapping": (N_("The file holds no settings."), N_("Write lines such as client: NAME")),
    "setting_unknown": (
        N_("There is no such setting{near_hint}."),
        N_("Correct the name or remove the line."),
    ),
    "setting_missing": (N_("This setting is required."), N_("Add it.")),
    "setting_not_allowed": (N_("This value is not allowed."), N_("Use {allowed}.")),
    "setting_invalid": (
        N_("This value cannot be used ({expected})."),
        N_("Correct it; the commented engagement.yaml of kamplay new shows what each setting takes."),
    ),
    "set_without_value": (
        N_("This is not of the form key=value."),
        N_("Write for example --set health.horizon_days=90"),
    ),
    "date_unreadable": (N_("This is not a date."), N_("Write it as 2026-06-30.")),
    "date_two_ways": (N_("This can be {one} or {other}."), N_("Write the one that is meant.")),
    "as_of_future": (N_("The reporting date lies in the future."), N_("Use today or a date before it.")),
    "as_of_too_early": (
        N_("The reporting date lies before the year {earliest}."),
        N_("Use a date within the data."),
    ),
    "number_too_large": (
        N_("No amount or number may exceed {most:n}."),
        N_("Correct it; look for a figure too many or another currency unit."),
    ),
    "number_not_finite": (N_("This is not a number."), N_("Write the amount in figures.")),
    "label_empty": (N_("A label has no text."), N_("Write value: English word, both with letters.")),
    "label_twice": (
        N_("One value has two labels, {first} and {second}."),
        N_("Keep one of them; it holds in every column."),
    ),
    "currency_code": (N_("This is not a currency."), N_("Write its three letters, for example USD: 7.1")),
    "currency_unreadable": (N_("This is not a currency."), N_("Write its three letters, for example EUR.")),
    "same_account_lists": (
        N_("Each list needs two ways of writing or more, and none may stand twice."),
        N_("Write for example [[Acme, ACME Inc], [North Clinic, North  Clinic]]."),
    ),
    "same_account_of_sums": (
        N_("Of a database or a very large file only sums are read; accounts cannot be put together there."),
        N_("Write the account in one way in the query or the file, and take same_account out."),
    ),
    "same_account_unknown": (
        N_("No table holds an account that is written so."),
        N_("Write it to the letter as the file does, or take it out."),
    ),
    "accounts_as_one": (
        N_(
            "As same_account says, {lines:n} {lines:plural|line|lines}, {amount:n2} in all, "
            "{lines:plural|counts|count} for the account as it is written first."
        ),
        N_("Nothing, if that is right; else take the account out of same_account."),
    ),
    "country_unknown": (
        N_("No public holidays are known of this country, or of this part of it."),
        N_(
            "Write its two letters, with its part where holidays differ ({known}), or none for weekends only."
        ),
    ),
    "rate_not_positive": (
        N_("A rate must be above 0."),
        N_("Write what one unit of that currency is in the report’s, for example USD: 7.1"),
    ),
    "visits_or_hours": (
        N_("A person’s capacity is stated in visits or in hours, one of the two."),
        N_("Write for example {{visits_per_month: 30}} or {{hours_per_month: 120, role: head_office}}."),
    ),
    "hours_per_visit_missing": (
        N_("Hours are stated for {name}, but not how many a visit takes."),
        N_("Add hours_per_visit under capacity, with preparation, for example hours_per_visit: 3"),
    ),
    "period_unreadable": (
        N_("This is not a period."),
        N_("Write 2025, 2025Q3, 2025-07 or 2025-07..2025-12."),
    ),
    "path_outside": (
        N_("This path leads out of the client's folder."),
        N_("Put the file into the folder's data/ and name it from there."),
    ),
    "table_unknown": (N_("There is no table {table}{near_hint}."), N_("Use a table name of the codebook.")),
    "column_unknown": (
        N_("Table {table} has no column {name}{near_hint}."),
        N_("Use a column name of the codebook."),
    ),
    "preset_unknown": (
        N_("There is no such preset{near_hint}."),
        N_(
            "Use one of: {known}. In engagement.yaml a .yaml file of your own in the client's folder serves "
            "too."
        ),
    ),
    "bands_not_ascending": (N_("The bands must start at rising values."), N_("Put them in order.")),
    "base_missing": (
        N_("Changed parts need base: the preset that they change."),
        N_("Add for example base: {example}; there are: {known}"),
    ),
    "name_or_parts": (
        N_("This is neither the name of a preset nor a mapping with base."),
        N_("Write for example {example}, or {{base: {example}, …}} with the parts to change."),
    ),
    "part_unknown": (
        N_("The preset has no such part{near_hint}, and as a new one it is incomplete."),
        N_("Correct the name, or give the new part everything it needs."),
    ),
    "outline_unknown": (
        N_("The outline names {value}, which no part of the playbook shows{near_hint}."),
        N_(
            "Use a kind of results/findings.json, a topic or a display of the notebooks, or take the "
            "line out."
        ),
    ),
    "anchor_twice": (
        N_("Two chapters of the outline have the anchor {name}."),
        N_("Give each chapter an anchor of its own."),
    ),
    "measure_unknown": (
        N_("There is no such measure{near_hint}."),
        N_("Use a measure of kamplay/method/measures/registry.py, or rating for what experts score."),
    ),
    "health_measure_unknown": (
        N_("There is no such measure of health{near_hint}."),
        N_("Use one of: {known}."),
    ),
    "direction_against_bands": (
        N_("The points run against direction: {direction}."),
        N_(
            "With direction: higher the points must not fall as the value rises, with direction: "
            "lower they must not rise."
        ),
    ),
    "dimension_unknown": (
        N_("The card has no such dimensions: {names}{near_hint}."),
        N_("Name dimensions of this health card."),
    ),
    "stands_in_for_nothing": (
        N_("unless_known: {measure}, but no indicator of this dimension takes that measure."),
        N_("Name a measure that another indicator of the same dimension takes, or leave unless_known out."),
    ),
    "parts_missing": (
        N_("Something is missing here: {names}."),
        N_("Add it, or name the shipped preset as base and write only what differs."),
    ),
    "role_unknown": (
        N_("There is no such role{near_hint}."),
        N_("Use one of: {known}; others are named under others."),
    ),
    "raci_one_answers": (
        N_("A task needs exactly one who answers for it (A or AR), and somebody who does it (R or AR)."),
        N_("Correct the duties of this task."),
    ),
    "escalation_not_rising": (
        N_("The hours of level {level} do not rise from rung to rung."),
        N_("Give each rung more hours than the one before."),
    ),
    "strategy_unknown": (
        N_("There is no such strategy{near_hint}."),
        N_("Use one of: {known}; others are described under strategies."),
    ),
    "choice_leaves_open": (
        N_("The last rule does not hold for every account, so that some would have no strategy."),
        N_("End the list with a rule without conditions."),
    ),
    "weights_all_zero": (
        N_("With these weights nothing is left to judge by."),
        N_("Give at least one dimension a weight above 0."),
    ),
    "yellow_above_green": (
        N_("Yellow must begin below green."),
        N_("Make yellow less than green, for example green: 70 and yellow: 40."),
    ),
    "scoring_missing": (
        N_("A measure is named, but not how it turns into points."),
        N_("Add scoring: bands, percentile, minmax, contribution, scale or choices."),
    ),
    "scoring_needs": (
        N_("What is given does not fit the scoring: {kind} belongs to scoring: {kind}, and only to that."),
        N_("Give {kind} exactly when scoring is {kind}; leave out what belongs to another scoring."),
    ),
    "choices_for_words": (
        N_("Measures in words are scored by choices, and only they; {measure} does not fit its scoring."),
        N_("Use choices for words (listed, premises, industry …), another scoring for numbers."),
    ),
    "scale_empty": (
        N_("Both ends of the scale are the same."),
        N_("Write the value for 0 points and the value for 100, for example [0, 10]."),
    ),
    "limit_never_holds": (
        N_("No value can lie within these bounds."),
        N_("Make the lower bound less than the upper one."),
    ),
    "floor_or_shields": (N_("A safeguard that keeps nothing."), N_("Give it floor, shields, or both.")),
    "position_nested": (
        N_("On an axis of the map a criterion is measured itself and not made of others: {names}."),
        N_("Write the criteria of an axis side by side."),
    ),
    "criterion_key": (
        N_("Not a key for a criterion: {names}."),
        N_("Use letters, digits and underscores; labels go into zh and en."),
    ),
    "matrix_twice": (
        N_("Both axes of the matrix are the same criterion."),
        N_("Name two different criteria as first and second."),
    ),
    "points_outside": (
        N_("Points must lie between {low} and {high}."),
        N_("Keep the points within these bounds."),
    ),
    "measure_or_of": (
        N_("A criterion either has a measure or is made of others, not both and not neither."),
        N_("Give it a measure with its scoring, or list its parts under of."),
    ),
    "limit_without_bound": (
        N_("The limit says nothing."),
        N_("Give above, below, at_least, at_most or one_of."),
    ),
    "limit_for_words": (
        N_("Measures in words are limited by one_of, and only they; {measure} does not fit its limit."),
        N_("Use one_of for words, the other limits for numbers."),
    ),
    "cap_or_exclude": (
        N_("A gate either holds at a level or excludes, not both and not neither."),
        N_("Keep one: cap: C, or exclude: true."),
    ),
    "criterion_twice": (
        N_("The same key stands for two criteria: {names}."),
        N_("Rename one; a key may come only once in the whole tree."),
    ),
    "capability_twice": (
        N_("{name} stands for two things; the other is {other}."),
        N_("Rename one: a name or alias may stand for one frame or capability only."),
    ),
    "capability_unknown": (N_("There is no such capability{near_hint}."), N_("Use one of: {known}.")),
    "level_outside": (N_("A level lies between 0 and {high}."), N_("Correct it.")),
    "gate_unknown": (N_("There are no such gates: {names}."), N_("Name gates of this scorecard.")),
    "judgements_missing": (
        N_("The weights are to come from judgements, but there are none."),
        N_("Add judgements, or take the weights from the card or from ballots."),
    ),
    "tier_twice": (N_("Two tiers have the same key."), N_("Rename one.")),
    "levels_not_descending": (
        N_("The levels of the tiers must go down: S, A, B, C."),
        N_("Put the tiers in order, the highest first."),
    ),
    "tiers_need": (
        N_("The tiers do not fit cut: {cut}, which takes of each tier: {needed}."),
        N_("Give the tiers that, and none of what belongs to another cut."),
    ),
    "shares_above_one": (
        N_("The shares of the upper tiers leave nothing for the last."),
        N_("Make them add up to less than 1."),
    ),
    "last_tier_takes_the_rest": (
        N_("The last tier takes all the rest and needs no number."),
        N_("Remove share or places from it."),
    ),
    "matrix_and_cut": (N_("A matrix and cut: matrix belong together."), N_("Give both, or neither.")),
    "criterion_unknown": (
        N_("There are no such criteria at the top of the card: {names}."),
        N_("Name criteria of the top level."),
    ),
    "pair_unknown": (
        N_("“{pair}” is not a pair of criteria of the card: {name} is not one of them."),
        N_("Write it as FIRST / SECOND with two different criteria of the top level."),
    ),
    "pair_twice": (N_("This pair is judged twice: {pair}."), N_("Keep one of the two.")),
    "ratio_out_of_scale": (
        N_("The judgement of {pair} is {ratio}, which is not between 1/9 and 9."),
        N_("Use 1 to 9, or 1/2 to 1/9 when the second matters more."),
    ),
    "pairs_missing": (N_("Pairs that were not judged: {pairs}."), N_("Judge each pair once.")),
    "criteria_differ": (
        N_("Not everybody judged the same criteria: {names}."),
        N_("Let everybody judge all criteria of the top level."),
    ),
    "not_finite": (N_("Weights that are missing or not numbers: {names}."), N_("Write them in figures.")),
    "negative": (N_("Weights below 0: {names}."), N_("Use 0 or more.")),
    "none_positive": (N_("No weight is above 0."), N_("Give at least one criterion a weight.")),
    "no_matrices": (N_("There are no judgements."), N_("Add the judgements of one person at least.")),
    "no_criteria": (N_("There are no criteria to weigh."), N_("Add criteria to the scorecard.")),
    "empty": (N_("There are no criteria to weigh."), N_("Add criteria to the scorecard.")),
    "not_square": (
        N_("The table of judgements needs one row and one column for each criterion."),
        N_("Complete it."),
    ),
    "not_positive": (
        N_("Judgements that are missing or not above 0: {pairs}."),
        N_("Use 1 to 9, or 1/2 to 1/9."),
    ),
    "not_reciprocal": (
        N_("Judgements that contradict their own reverse: {pairs}."),
        N_("Make one the reciprocal of the other, as 3 and 1/3."),
    ),
    "tiers_not_descending": (
        N_("Tiers must start at falling scores, the last at 0."),
        N_("Put them in order, the highest first."),
    ),
    "logo_kind": (N_("This kind of picture cannot be used as a logo."), N_("Use one of: {kinds}.")),
    "note_unknown": (
        N_("No section takes a note of this name{near_hint}."),
        N_("Name it after the section it belongs to: {names}; or with .zh.md or .en.md."),
    ),
    "owner_unknown": (N_("Nobody of this name owns a planned account{near_hint}."), N_("Correct the name.")),
    "plan_account_unknown": (
        N_("There is no such account{near_hint}."),
        N_("Give its account ID, as in results/accounts.csv."),
    ),
    "topic_unknown": (N_("There is no such topic{near_hint}."), N_("Correct the name.")),
    "client_twice": (
        N_("Another folder of this fleet has the same client, so their reports would overwrite each other."),
        N_(
            "Give each folder its own client; files of one client go into one folder, and kamplay run FOLDER."
        ),
    ),
    "benchmark_unusable": (
        N_("The file is no benchmark of this version: {detail}"),
        N_("Name the file that kamplay benchmark wrote, or make it anew with another name."),
    ),
    "benchmark_without_ledger": (
        N_("The ledger beside this benchmark is missing, so it is not known what was published before."),
        N_("Put the ledger back, or begin a benchmark under another name."),
    ),
    "fleet_list_unusable": (
        N_("The list names no clients' folders."),
        N_("Write one folder a line, in YAML as a list of texts."),
    ),
    "memory_too_small": (
        N_("The run reached {needed:n} MB alone; --memory allows {memory:n} MB."),
        N_("Allow more, or run this client on a larger machine."),
    ),
    "dask_missing": (
        N_("A cluster needs Dask, which is not installed."),
        N_('Install it with: pip install "kamplay[dask]"'),
    ),
    "scheduler_unreachable": (
        N_("No Dask scheduler answers here: {detail}"),
        N_("Check the address and that the scheduler runs."),
    ),
    "worker_of_another_version": (
        N_("The worker has another version of kamplay or of what it is built on, so results could differ."),
        N_("Install the same version on every worker."),
    ),
    "place_needs_package": (
        N_("A place of this kind needs a package that is not installed: {detail}"),
        N_('Install it, with fsspec from: pip install "kamplay[dask]"'),
    ),
    "place_unreachable": (
        N_("This place cannot be reached: {detail}"),
        N_("Check the address and the rights to it."),
    ),
    "earlier_unreadable": (
        N_(
            "The earlier run cannot be read: this file is damaged, or an older version wrote it. "
            "Tiers are not compared with it."
        ),
        N_("Run that date again, or remove its folder to compare with the run before it."),
    ),
    "earlier_of_another": (
        N_("The earlier run in this folder is of another client. Tiers are not compared with it."),
        N_(
            "If only the name was changed, run that date again under the new name; else name a "
            "different folder with --out."
        ),
    ),
    "run_file_missing": (
        N_("This file of the run is missing."),
        N_("Put it back, or make the report again with kamplay run."),
    ),
    "run_file_damaged": (
        N_("This file of the run cannot be read; it was cut short or changed."),
        N_("Put back a sound copy, or make the report again with kamplay run."),
    ),
    "run_missing": (
        N_("This is not the folder of a finished report."),
        N_("Name a folder such as reports/CLIENT/DATE, or the file that the report was made of."),
    ),
    "report_not_made": (
        N_("No finished report of this client is in {out}."),
        N_("Make it with: kamplay run {name}; if it is elsewhere, name its folder."),
    ),
    "plans_folder": (
        N_("This is neither a client's folder nor that of a finished report."),
        N_(
            "Name the file that the report was made of, a folder with engagement.yaml in it, or "
            "reports/CLIENT/DATE."
        ),
    ),
    "plan_tier_unknown": (N_("There is no such tier{near_hint}."), N_("Use one of: {known}.")),
    "plans_none": (
        N_("No account is in these tiers."),
        N_("Choose others, or name accounts with --account."),
    ),
    "plans_untiered": (
        N_("There are no tiers, as tiering is not worth its while with this client."),
        N_("Name accounts with --account."),
    ),
    # an engagement that is made of a client's files
    "folder_without_data": (
        N_("There is no engagement.yaml here, and no file that can be read{files_hint}."),
        N_("kamplay reads .xlsx, .xls, .csv, .parquet and .zip: put the client's into it, or name the file."),
    ),
    "lock_file": (
        N_("This is what Excel keeps beside an open workbook, not the workbook."),
        N_("Name the workbook itself: {name}"),
    ),
    "folder_too_full": (
        N_("The folder holds more than {most:n} files that could be read; no client sends so many."),
        N_("Name the file itself, or a folder with the client's files alone."),
    ),
    "begin_no_place": (
        N_("Neither beside the file nor here can a folder be made for the client."),
        N_("Call this from a folder you may write to, or name one: kamplay new DIR --from FILE"),
    ),
    "begin_in_own_place": (
        N_("This is kamplay's own folder; a client's data do not belong in it."),
        N_("Call this from another folder, or name one: kamplay new DIR --from FILE"),
    ),
    "begin_copy_changed": (
        N_("The client's file has changed, and so has its copy in data/."),
        N_("Decide which one holds, and put it into data/; then: kamplay run {folder}"),
    ),
    "begin_unanswered": (
        N_("There is no terminal to ask in, so these are open: {names:words}."),
        N_(
            "Add --yes to take what stands above, or give them: --set client=NAME, --language, "
            "--set currency=EUR, --as-of 2026-06-30; or call it in a terminal."
        ),
    ),
    "begin_columns_open": (
        N_("No header names {choices}, and no guess is taken unasked; the headers are: {there}."),
        N_(
            "Without --yes, in a terminal, it asks you; or name the headers date, account_id and amount in "
            "the file."
        ),
    ),
    "own_results": (
        N_("This is of a report that kamplay has made, nothing that a client sent; no folder is made of it."),
        N_("Name the client's own file or folder."),
    ),
    "begin_guessed": (
        N_("Not every column that is needed is known by its header, and this is a guess: {named}."),
        N_(
            "Without --yes, in a terminal, it asks you; or name the headers date, account_id and amount in "
            "the file."
        ),
    ),
    "not_empty": (N_("The folder exists and is not empty."), N_("Choose another name.")),
    "anonymous_inside": (N_("The copy must stand outside the client's folder."), N_("Name another folder.")),
    "anonymous_database": (
        N_("The transactions are in a database, of which only sums are read; a copy needs the lines."),
        N_("Export the lines into a file in data/ and name it there."),
    ),
    "anonymous_card_in_money": (
        N_(
            "The scorecard gives points for amounts: from the points of the copy anybody could tell the "
            "factor by which its amounts are scaled."
        ),
        N_("Name a card that compares accounts with one another, such as four_dimensions."),
    ),
    "key_inside": (N_("The key would lie in the copy that it protects."), N_("Keep it in another place.")),
    "key_unreadable": (
        N_("This is no key of kamplay anonymise."),
        N_("Check the path; a new name makes a new key."),
    ),
    "forget_unknown": (
        N_("Nothing of this client is here. What is here is of: {there}."),
        N_("Give the name as it stands there, or another --out."),
    ),
    "forget_running": (
        N_("A run of this client goes on here."),
        N_("Wait until it has ended, or stop it, and forget the client then."),
    ),
    # a course
    "course_not_found": (
        N_("This is no folder of a course: it cannot be read."),
        N_("Open the notebook in the team's folder, where course.json stands."),
    ),
    "course_key_missing": (
        N_("There is no key to mark by."),
        N_("Name the course's trainer folder with --key."),
    ),
    "course_no_teams": (
        N_("No team's folder is in it."),
        N_("Put the teams' folders here as they were handed out, each with its course.json."),
    ),
    "course_needs_lines": (
        N_("A course needs the sales lines themselves; a database gives their sums only."),
        N_("Export the lines to a file, and name it under sources."),
    ),
    # the place that results are written to
    "output_full": (N_("The disk is full."), N_("Make room, or name another place with --out.")),
    "output_not_permitted": (
        N_("Nothing may be written here."),
        N_("Allow this user to write here and close open files of it, or name another place with --out."),
    ),
    "output_in_use": (
        N_("This file is open in another program, so nothing new was written."),
        N_("Close it there and repeat the command."),
    ),
    "output_kept_beside": (
        N_("This file is open in another program, so the new results could not take its place."),
        N_("They stand in {kept}; close the file and repeat the command to have them here."),
    ),
    "output_not_a_folder": (
        N_("A file stands where results would be put, or on the way there."),
        N_("Name a folder with --out."),
    ),
    "output_name_too_long": (
        N_("The path is too long for this system."),
        N_("Name a shorter one with --out."),
    ),
    "output_failed": (N_("Nothing can be written here: {detail}"), N_("Name another place with --out.")),
    "too_many_files": (
        N_("The system lets no more files be opened."),
        N_("Close other programs, run fewer clients at once (--jobs), or raise the limit (ulimit -n)."),
    ),
    "output_lost": (
        N_("What was to be printed could not be written: {detail}"),
        N_("Make room, or send the output elsewhere."),
    ),
    # files and tables
    "table_missing": (
        N_("No file with transactions was found."),
        N_("Put it into data/ under a name such as transactions or 销售明细, or name it under sources."),
    ),
    "settings_without_file": (
        N_("There are settings for {table} under sources, but no file in data/ is named like it."),
        N_("Name the file with path, or remove the settings."),
    ),
    "transactions_unnamed": (
        N_("No file is named like sales lines; data/ holds {there}."),
        N_('If {path} holds them, write in engagement.yaml: sources: {{transactions: "{path}"}}'),
    ),
    "source_missing": (
        N_("No such file in the client's folder{near_hint}."),
        N_("Correct the path under sources; there are: {there}"),
    ),
    "file_kind_unknown": (
        N_("This kind of file cannot be read."),
        N_("Export it as .xlsx, .csv or .parquet."),
    ),
    "archive_tables": (
        N_("The archive holds several files; one table is read out of an archive: {there}"),
        N_("Unpack it and put the tables into data/."),
    ),
    "archive_without_table": (
        N_("The archive holds no table that can be read: {there}"),
        N_("Unpack it, export the table as .xlsx or .csv, and put that into data/."),
    ),
    "file_unreadable": (
        N_("The file cannot be opened ({detail})."),
        N_("Open it in the program it comes from, save it anew, and try again."),
    ),
    "file_other_kind": (
        N_("The file is named {suffix}, but its content is of another kind."),
        N_("Open it in the program it comes from and save it as .xlsx or .csv."),
    ),
    "file_empty": (N_("The file or sheet is empty."), N_("Export it again.")),
    "file_damaged": (N_("The file is damaged or was cut off."), N_("Export or copy it again.")),
    "file_encrypted": (N_("The file is protected by a password."), N_("Save it without a password.")),
    "file_expands": (
        N_("Opened, the file would take {megabytes:n} MB of memory or more; it was not opened."),
        N_("Delete stray cells far from the table, or export the data as .csv."),
    ),
    "file_mislabelled": (
        N_("The file is named {suffix} but holds {kind}."),
        N_("Open it in a spreadsheet program and save it as .xlsx."),
    ),
    "file_read_as": (
        N_("The file is named {suffix} but holds {kind}; it is read as that."),
        N_("Nothing, if the figures are right."),
    ),
    "columns_too_many": (
        N_("The header names {columns:n} columns; at most {most:n} are read."),
        N_("Export fewer columns; a table lying on its side has to be turned, one row per line of sales."),
    ),
    "file_not_permitted": (
        N_("The file may not be read."),
        N_("Close it in other programs, or allow this user to read it."),
    ),
    "file_not_a_file": (
        N_("This is a folder, a device or a broken link, not a file."),
        N_("Put the file itself here, or rename the folder."),
    ),
    "file_name_unusable": (
        N_("The file name holds a character that cannot be shown."),
        N_("Rename the file."),
    ),
    "file_not_text": (N_("The file is not text."), N_("Export it again as .csv or .xlsx.")),
    "file_has_macros": (
        N_("The workbook has macros; they are not run, and values are read as last saved."),
        N_("Nothing, if the figures are right."),
    ),
    "file_has_links": (
        N_("The workbook takes values from other workbooks; they are read as last saved."),
        N_("Nothing, if the figures are right."),
    ),
    "file_repeated": (
        N_("The file has the same content as {other} and is read once."),
        N_("Delete one of them."),
    ),
    "sheet_hidden": (
        N_("The sheet is hidden and is not used."),
        N_("Show it, or name it under sources as FILE#SHEET."),
    ),
    "sheets_not_used": (
        N_("Only this sheet is read; the workbook also has {sheet_sums}."),
        N_("Name the sheets under sources as FILE#SHEET; FILE#* takes all."),
    ),
    "sheet_same_invoices": (
        N_(
            "Sheet {other} holds the same invoices and is not read: {lines:n} lines, {amount:n2} "
            "would count twice."
        ),
        N_("Nothing; both together would give {would:n2}."),
    ),
    "invoices_twice": (
        N_("{invoices:n} invoices of {other} stand here again; {amount:n2} count twice."),
        N_("Name only one under sources; dedupe: true drops lines equal to the letter."),
    ),
    "sales_on_other_days": (
        N_("Lines of {other} stand here again on other days, as orders beside invoices: {amount:n2} twice."),
        N_("If they are the same sales, name only one under sources."),
    ),
    "invoices_in_several": (
        N_("{invoices:n} invoices stand here and again in {others}; {amount:n2} count twice."),
        N_("Name only one under sources; dedupe: true drops lines equal to the letter."),
    ),
    "encoding_assumed": (
        N_("The text was taken for {encoding}; nothing in the file proves it."),
        N_("Check some names; if they are wrong, save the file as CSV UTF-8."),
    ),
    "text_broken": (
        N_("The rest of the file is {encoding}, this row is not, or the file was cut off here."),
        N_("Save it as CSV UTF-8."),
    ),
    "quote_open": (
        N_("A quotation mark in this row takes the following rows into one cell."),
        N_("Close or delete the quotation mark."),
    ),
    "row_too_long": (
        N_("The row has {cells:n} cells where the header has {columns:n}."),
        N_("Put a text that holds the delimiter into quotation marks, or delete the surplus cells."),
    ),
    "column_unnamed": (
        N_("A column with values has no header; it is not read."),
        N_("Give it a header if it is needed."),
    ),
    "file_not_used": (
        N_("No table was recognised by this name; the file is not used."),
        N_("Name it under sources if it is needed."),
    ),
    "file_of_ours": (
        N_("This is the workbook of a report that kamplay has made, no data of a client; it is left out."),
        N_("Nothing to do, or take it out of the folder."),
    ),
    "file_not_as_named": (
        N_("Named like {table_label}, but no header is known for {needed_words}; it is not used."),
        N_("If it holds them, name it under sources, with columns."),
    ),
    "sheets_unnamed": (
        N_("None of its sheets is named like a table: {there}; none is read."),
        N_("Say which under sources: {table}: {{path: {path}}}; several as a list."),
    ),
    "sheet_missing": (N_("The workbook has no such sheet."), N_("Use one of: {there}")),
    "header_missing": (
        N_("The file has no such header{near_hint}."),
        N_("Correct it; the headers are: {there}"),
    ),
    "column_missing": (
        N_(
            "The required {lacks:plural|column|columns} {label} {lacks:plural|was|were} not found{near_hint}."
        ),
        N_(
            "Name {lacks:plural|it|them} under columns: {{{to_name}}}; {fitting_hint}the headers are: {there}"
        ),
    ),
    "datev_bookings": (
        N_(
            "This is a DATEV booking batch: its dates lack the year, its amounts include tax, no customer is "
            "named."
        ),
        N_("Ask for the list of invoices; columns: {{account_id: Konto}} would name ledger accounts."),
    ),
    "column_close": (
        N_("This header is close to {label} but is not known for it; the column is not read."),
        N_("If it is meant, write under columns: {{{name}: …}}"),
    ),
    "header_ambiguous": (
        N_("For {label} there is also {other}; this one is used."),
        N_("If the other is meant, name it under columns: {{{name}: …}}"),
    ),
    "figures_shortened": (
        N_("Read as {read:n}: k is thousand, m million. Such figures are rounded, and so are their sums."),
        N_("Nothing, if that is right; whole amounts are exact."),
    ),
    "account_header_ambiguous": (
        N_("For {label} there is also {other}; this one is used."),
        N_("If the other is meant, name it under columns: {{{name}: …}}"),
    ),
    "account_column_latest": (
        N_("{label} from the lines: {several:n} of {accounts:n} accounts had several; the latest counts."),
        N_("Nothing, if right; a list of accounts comes first."),
    ),
    "account_column_usual": (
        N_(
            "{label} from the lines: {several:n} of {accounts:n} accounts had several; the usual one of the "
            "latest year counts."
        ),
        N_("Nothing, if right; a list of accounts comes first."),
    ),
    "account_owners_quiet": (
        N_("{accounts:n} accounts have an owner without a line for half a year: {owners_words}."),
        N_("If they have left, write new owners into a list of accounts."),
    ),
    "account_column_filled": (
        N_("{label} of {accounts:n} accounts is from the lines: the list of accounts leaves it open."),
        N_("Nothing, if right; a list of accounts comes first."),
    ),
    "accounts_not_on_lines": (
        N_("These are lines of sales, and no column of them says more of the accounts."),
        N_("Leave accounts out of sources, or name their columns there under columns."),
    ),
    "tables_side_by_side": (
        N_(
            "Two tables stand side by side: {headers:words} come again further right. The left one holds "
            "{left:n}, the right one {amount:n}."
        ),
        N_("Move the right-hand table below the left-hand one, or onto a sheet of its own."),
    ),
    "gross_used": (
        N_("The amounts include tax: no column without tax was found."),
        N_("Ask for net amounts, or keep in mind that every figure includes tax."),
    ),
    # which of several headers
    "header_not_fit": (
        N_("This header is not taken for {label}: {reason_words}. {used} is."),
        N_("Nothing, if that is right; else name it under columns: {{{name}: …}}"),
    ),
    "amount_undecided": (
        N_("It is open which column is the amount: {candidates}."),
        N_("Name the one that is net and after discount under columns: {{{name}: …}}"),
    ),
    "debit_and_credit": (
        N_("Which side is sales? {propose}: {total:n2}; {reverse}: {other_total:n2}."),
        N_("Write under columns: {{{name}: {propose}}}; leave payments out (where)."),
    ),
    "debit_equals_credit": (
        N_("Debit and credit are both {debit_sum:n2}: both sides of each entry are here."),
        N_("Keep the revenue accounts, under sources → {table}: where: {where}"),
    ),
    "date_in_parts": (
        N_("No column holds dates; {propose} can stand for it: {example} is {read:date}."),
        N_("If so, write under columns: {{{name}: {propose}}}"),
    ),
    "date_in_own_periods": (
        N_("{propose} can be dates if years begin in January: {example} is {read:date}."),
        N_("If so, columns: {{{name}: {propose}}}; else ask for dates."),
    ),
    "amount_of_currency": (
        N_("One amount for each currency; {used} is used: {candidates}."),
        N_("If the other is meant, name it under columns: {{{name}: …}}"),
    ),
    "amount_in_other_currencies": (
        N_("No amount in {currency}: {candidates}."),
        N_("Write currency: {code}; or columns: {{{name}: {example}}} and currency_rates: {{{code}: …}}"),
    ),
    "amount_split_by_currency": (
        N_("{lines:n} lines have no {used}: {candidates}."),
        N_("Ask for all amounts in {currency}, or for one amount beside its currency."),
    ),
    "amount_rivals": (
        N_(
            "There are further amounts with other totals; this one is used. "
            "In all they come to: {candidates}."
        ),
        N_("If another is meant, name it under columns: {{{name}: …}}"),
    ),
    "amount_per_unit": (
        N_("Used: {used_total}; not {other_total}, the price of one piece."),
        N_("Nothing, if that is right."),
    ),
    "amount_per_document": (
        N_("Used: {used_total}; not {other_total}, the document’s total on each line."),
        N_("Nothing, if that is right."),
    ),
    "amount_repeats": (
        N_(
            "The amount is the same on every line of {documents:n} documents although their quantities "
            "differ: it seems to be the total of the document. In all {total:n2}; each document once: "
            "{once:n2}."
        ),
        N_(
            "Ask for the amount of each line. If every line does come to this, say so under columns: "
            "{{{name}: …}}"
        ),
    ),
    "amount_repeats_maybe": (
        N_(
            "One amount stands on all lines of {documents:n} documents: {total:n2} in all; each "
            "document once {once:n2}."
        ),
        N_("If it is their total, ask for the amount of each line."),
    ),
    "amount_company_currency": (
        N_("Used: {used_total}; not {other_total}, in several currencies."),
        N_("If the other is meant, name it under columns: {{{name}: …}}"),
    ),
    "amount_before_discount": (
        N_("Used: {used_total}; not {other_total}, before discount."),
        N_("If the other is meant, name it under columns: {{{name}: …}}"),
    ),
    "amount_with_tax": (
        N_("Used: {used_total}; not {other_total}, with tax."),
        N_("If the other is meant, name it under columns: {{{name}: …}}"),
    ),
    "amount_per_unit_own": (
        N_("{used} is named for the amount, but quantity × it is {other}. In all: {totals}."),
        N_("Write under columns: {{{name}: {other}}}"),
    ),
    "amount_per_document_own": (
        N_(
            "{used} is named for the amount, but repeats the total of a document on each of its lines; "
            "{other} does not. In all: {totals}."
        ),
        N_("Write under columns: {{{name}: {other}}}"),
    ),
    "amount_company_currency_own": (
        N_(
            "{used} is named for the amount; {other} is in the company's own currency and differs. In all: "
            "{totals}."
        ),
        N_("If the other is meant, write under columns: {{{name}: {other}}}"),
    ),
    "amount_before_discount_own": (
        N_("{used} is named for the amount; {other} is less a discount. In all: {totals}."),
        N_("If the other is meant, write under columns: {{{name}: {other}}}"),
    ),
    "amount_with_tax_own": (
        N_("{used} is named for the amount and includes tax; {other} does not. In all: {totals}."),
        N_("If the other is meant, write under columns: {{{name}: {other}}}"),
    ),
    "cost_per_unit": (
        N_("Used: {used_total}; not {other_total}, the cost of one piece."),
        N_("If the other is meant, name it under columns: {{{name}: …}}"),
    ),
    "cost_per_unit_own": (
        N_(
            "{used} is named for the cost, but is that of one piece: {other} is the line's. In all: {totals}."
        ),
        N_("Write under columns: {{{name}: {other}}}"),
    ),
    "where_keeps_nothing": (
        N_("The filter keeps no row."),
        N_("Correct the value; the column holds: {there}"),
    ),
    "no_rows": (N_("The table has no usable row."), N_("Check the export and the filter.")),
    # databases
    "query_not_one_select": (
        N_("The query must be one SELECT, with or without WITH, and nothing else."),
        N_("Leave one SELECT; what it needs besides belongs into a view in the database."),
    ),
    "query_unreadable": (
        N_("The query cannot be read as one SELECT: {detail}"),
        N_("Simplify it, or make a view of it in the database and name that under table."),
    ),
    "path_or_url": (
        N_("A source has a path or a url, not both, and neither may be left empty."),
        N_("Keep one of the two. Without either, files are found by their names."),
    ),
    "table_or_query": (
        N_("A database source needs either a table or a query, a file neither."),
        N_("Keep one of the two beside the url."),
    ),
    "url_unreadable": (
        N_("The database address cannot be read."),
        N_("Write it as duckdb:///data/erp.duckdb or postgres://USER:${{PASSWORD}}@HOST:5432/DATABASE"),
    ),
    "password_in_settings": (
        N_("The database address holds a password."),
        N_(
            "Put the password into an environment variable and write its name there, for example "
            "${{ERP_PASSWORD}}; then change the password."
        ),
    ),
    "env_missing": (
        N_("This environment variable of the database address is not set."),
        N_("Set it before starting kamplay."),
    ),
    "database_kind_unknown": (
        N_("This kind of database cannot be read."),
        N_("Use duckdb, sqlite, postgres or pyspark, or export the table to a file."),
    ),
    "database_unreachable": (
        N_("The database cannot be reached: {detail}"),
        N_("Check the address, the network and the password."),
    ),
    "database_query": (
        N_("The database could not answer: {detail}"),
        N_("Check the table, the query and the columns."),
    ),
    "database_table_missing": (
        N_("The database has no such table{near_hint}."),
        N_("Correct the name; there are: {there}"),
    ),
    "database_type": (
        N_("The column is of the type {type} in the database and cannot be read as it is."),
        N_("Convert it in a query: a date to DATE, an amount to NUMERIC."),
    ),
    "database_too_large": (
        N_("The table has more rows than are fetched whole ({most:n})."),
        N_("Keep fewer with where or a query."),
    ),
    "large_file_layout": (
        N_(
            "The file has over {most:n} lines, and headings among them that only a shorter one is cleared of."
        ),
        N_("Export it as a plain list: one header row, one line a row."),
    ),
    "lines_added_up": (
        N_(
            "{rows:n} lines are added up where they are and not looked at one by one. Not checked: rows that "
            "sum up others or carry a balance forward, unless their account is called so, returns booked "
            "twice, invoices that stand in two files, and spellings of one value."
        ),
        N_("Nothing, if that is right; a file of fewer lines, a year of it for example, is checked in full."),
    ),
    "total_account": (
        N_("An account is called a sum: {amount:n} of {total:n} in all; without it {rest:n}."),
        N_("Leave its lines out with where, unless a customer is really called so."),
    ),
    "memory_unreadable": (N_("This is not an amount of memory."), N_("Write for example 2GB.")),
    "memory_short": (
        N_("The lines could not be added up within {most} of memory."),
        N_("Set the environment variable KAMPLAY_MEMORY to more, for example {more}, and run again."),
    ),
    "scratch_full": (
        N_("{folder} has no room left for what adding up puts there."),
        N_("Free some there, or set TMPDIR (on Windows TEMP) to a folder with more, and run again."),
    ),
    # cells
    "unreadable_date": (N_("This is not a readable date."), N_("Write it as 2026-06-30{format_hint}.")),
    "unreadable_date_ambiguous": (
        N_("This can be {one:date} or {other_day:date}, and no other date of the column decides it."),
        N_(
            "Export the dates as 2026-06-30, or say which it is under sources → {table}: {paste} for the "
            "first, {other_paste} for the second."
        ),
    ),
    "unreadable_date_short_year": (
        N_("The year has two digits only, and its century is not clear."),
        N_(
            "Export the dates as 2026-06-30, or say how they are written under sources → {table}: {paste} "
            "(%y: 00 to 68 are of this century, 69 to 99 of the last)."
        ),
    ),
    "date_orders_mixed": (
        N_(
            "The column has dates with the day first ({day}) and with the month first ({month}, row "
            "{month_row:n}), so neither holds for this one."
        ),
        N_("Export the dates as 2026-06-30."),
    ),
    "date_not_in_format": (
        N_("This is not written as date_format says: {format}."),
        N_("Correct date_format, or the cell."),
    ),
    "date_period_mixed": (
        N_("This is a whole month or quarter; other cells of the column are not."),
        N_("Export full dates throughout, or months or quarters throughout."),
    ),
    "date_swap_unsure": (
        N_(
            "A spreadsheet may have swapped day and month here: the dates in date format lie before the 13th "
            "of a month, those left as text, such as {text}, after the 12th. It is not certain."
        ),
        N_("Export the dates as 2026-06-30, or import the original with this column as text."),
    ),
    "dates_swapped": (
        N_(
            "Day and month, swapped by a spreadsheet, are put right: {first:date} to {last:date}, "
            "not {first_before:date} to {last_before:date}."
        ),
        N_("If wrong, import the column as text."),
    ),
    "date_short_year": (
        N_("Dates such as {example} are read as {read:date}: the years are taken for 2000 and after."),
        N_("Nothing, if that is right; else export the dates as 2026-06-30."),
    ),
    "date_period": (
        N_("The column holds months: {example} is read as {read:date}, its last day."),
        N_("Nothing, if these are monthly sums; else ask for the lines with their dates."),
    ),
    "date_quarter": (
        N_("The column holds quarters: {example} is read as {read:date}, its last day."),
        N_("Nothing, if these are quarterly sums; else ask for the lines with their dates."),
    ),
    "date_unix": (
        N_("Figures such as {example} count the time since 1970; it is read as {read:date}, {clock_words}."),
        N_("Nothing, if that is right; else export the dates as 2026-06-30."),
    ),
    "date_1904": (
        N_("The workbook counts days from 1904, so {example} is read as {read:date}."),
        N_("Nothing, if that is right; else export the dates as 2026-06-30."),
    ),
    "date_format_invalid": (
        N_("This is no date format with a year and a month."),
        N_(
            'Write it in quotes, for example "%d/%m/%Y" or "%Y%m%d"; without a day, as in "%Y%m", it is a '
            "month."
        ),
    ),
    "date_column_unknown": (
        N_("Table {table} has no date column {name}{near_hint}."),
        N_("Use one of: {known}."),
    ),
    "date_format_in_database": (
        N_("The dates of transactions in a database are taken as they are there."),
        N_("Convert them to DATE in a query."),
    ),
    "amount_too_large": (
        N_("The figure lies beyond {most:n}, so it cannot be right."),
        N_("Correct it; long numbers such as ids belong into another column."),
    ),
    "credit_is_sale": (
        N_(
            "Cr is read as positive and Dr as negative, as in an account of sales: Cr {credit:n} over Dr "
            "{debit:n}."
        ),
        N_("Nothing, if that is right."),
    ),
    "debit_is_sale": (
        N_("Dr is read as positive and Cr as negative: Dr {debit:n}, Cr {credit:n}."),
        N_("Nothing, if that is right."),
    ),
    "debit_credit_unsure": (
        N_(
            "Dr and Cr stand beside the amounts, and which of them is a sale is open: {credit_rows:n} lines "
            "Cr, {credit:n}; {debit_rows:n} lines Dr, {debit:n}."
        ),
        N_("Export the amounts with a sign, sales positive; write 1.25 crore where Cr is ten million."),
    ),
    "date_order": (
        N_("Dates such as {example} are read as {read:date}: this one leaves no other order."),
        N_("Nothing, if that is right; else export the dates as 2026-06-30."),
    ),
    "decimal_comma": (
        N_("{example} is read as {read}: this cell shows that the column writes decimals with a comma."),
        N_("Nothing, if that is right."),
    ),
    "point_of_thousands": (
        N_("{example} is read as {read}, {amount:n} in all; if the point parts thousands, it is {other:n}."),
        N_("Nothing, if right; else export the amounts without marks for thousands."),
    ),
    "decimal_marks_differ": (
        N_("The decimal mark is a comma here and a point in {point} (row {point_row:n})."),
        N_("Use one decimal mark throughout the column."),
    ),
    "currencies_mixed": (
        N_("Another currency stands in {other} (row {other_row:n}) of the same column."),
        N_("Convert the amounts to one currency."),
    ),
    "id_rounded": (
        N_("A spreadsheet has rounded this id; its last digits are lost."),
        N_("Export the column as text."),
    ),
    "share_in_percent": (
        N_(
            "The column seems to run from 0 to 100 without a percent sign; it could be a share "
            "of {percent} or a slip, so it is not read."
        ),
        N_("Write {percent}, or put (%) into the header."),
    ),
    "values_alike": (
        N_(
            "This may be the same as {other}, which comes {other_count:n} times{twins_hint}; they are "
            "counted apart."
        ),
        N_("Write both the same way if they are the same."),
    ),
    "unreadable_amount": (N_("This is not a readable amount."), N_("Write it in figures.")),
    "unreadable_number": (N_("This is not a readable number."), N_("Write it in figures.")),
    "unreadable_integer": (N_("This is not a whole number."), N_("Write a whole number.")),
    "unreadable_share": (N_("This is not a readable share."), N_("Write 0.12 or 12%.")),
    "unreadable_flag": (N_("This is neither yes nor no."), N_("Write yes or no.")),
    "unreadable_choice": (N_("This is none of the values the column takes."), N_("Use one of: {choices}")),
    "override_sets_nothing": (
        N_("This decision sets neither a tier nor a health score nor a strategy: nothing is changed."),
        N_("Fill in at least one of them: the tier, the health score (0 to 100) or the strategy."),
    ),
    "cell_says_nothing": (
        N_("This cell holds no value, and it must have one."),
        N_("Put the value in its place or delete the row."),
    ),
    "cell_empty": (N_("This cell must not be empty."), N_("Fill it in or delete the row.")),
    "cell_error": (
        N_("The cell shows a spreadsheet error instead of a value."),
        N_("Mend the formula or write the value."),
    ),
    "cell_not_calculated": (
        N_("The cell holds a formula whose result was never saved."),
        N_("Open the workbook in a spreadsheet program and save it."),
    ),
    "out_of_range": (N_("The value lies outside what is possible ({range})."), N_("Correct it.")),
    "key_repeated": (
        N_("This key was given before with another {differing:words}."),
        N_("Keep one of the rows."),
    ),
    "line_repeated": (
        N_("Lines that repeat another to the letter{repeat_hint}. They are kept."),
        N_("Confirm that they are real; dedupe: true in engagement.yaml leaves them out."),
    ),
    "document_of_two_accounts": (
        N_(
            "{documents:n} documents stand under two customers or more, with the same day and amount. All "
            "count: {total:n2}; each document once it is {rest:n2}."
        ),
        N_("Ask the client who was billed, or whether one customer has two codes; then send one line each."),
    ),
    "line_repeated_dropped": (
        N_("Rows that repeat another to the letter; one of each is used."),
        N_("Nothing, if that is right."),
    ),
    "account_blank": (
        N_("Lines without an account, worth {amount:n}; no account gets them."),
        N_("Assign them if they can be assigned."),
    ),
    "amount_blank": (
        N_("Opportunities without an amount; they count as opportunities and weigh nothing."),
        N_("Fill in the amounts, if they are known."),
    ),
    "account_unknown": (
        N_("Rows of accounts that neither bought nor are listed."),
        N_("Check the account ids."),
    ),
    "date_in_future": (N_("Lines dated after today{worth_hint}."), N_("Check the dates.")),
    "lines_after_as_of": (
        N_("Lines after the reporting date, worth {amount:n}; the figures end at that date."),
        N_("Nothing, if that is right; else use a later date as as_of."),
    ),
    "amounts_all_zero": (
        N_("Not one line has an amount other than 0; no figure can be built on that."),
        N_("Name the header that holds the amounts under sources, columns: amount."),
    ),
    "account_only_one": (
        N_("All lines have the same account; it is perhaps the seller, or the name of the file."),
        N_("Name the header that holds the customer under sources, columns: account_id."),
    ),
    "account_blank_most": (
        N_(
            "Lines without an account, worth {amount:n}: {share:pct} of the amount has none, so most of the "
            "revenue belongs to nobody."
        ),
        N_("Name the header that holds the customer under sources, columns: account_id, or fill the cells."),
    ),
    "revenue_not_positive": (
        N_("The 12 months to {as_of:date} add up to {amount:n}; there is no revenue to report on."),
        N_("Check the sign of the amounts (returns are negative, sales are not) and as_of."),
    ),
    "total_rows": (
        N_("Left out are rows of sums or averages, {amount:n} in all; {rest:n} is left."),
        N_("Nothing, if right; else change the word or fill the empty cells of the row."),
    ),
    "balance_rows": (
        N_(
            "Balances carried forward, {amount:n} in all, are no sales; these rows are left out. "
            "{rest:n} is left."
        ),
        N_("Nothing, if that is right; if a row is a sale, change its words."),
    ),
    "total_word_kept": (
        N_("Rows that are called a total but equal no sum, {amount:n} in all; they are counted as lines."),
        N_("Delete them if they are totals; without them the amounts come to {rest:n}."),
    ),
    "total_suspected": (
        N_(
            "These equal the sum of the rows above, {amount:n} in all, but no word says so; they are counted."
        ),
        N_("Delete them if they are totals; without them it is {rest:n}."),
    ),
    "unit_applied": (
        N_("The amounts are taken times {factor:n}, as is stated here: {before:n} becomes {amount:n}."),
        N_("If the figures are in single units already, delete these words."),
    ),
    "units_differ": (
        N_("The amounts have more than one unit: {units}."),
        N_("Leave the one that is right, and delete the others."),
    ),
    "page_rows": (
        N_("Rows of the page, not of the table, are left out: {what:words}"),
        N_("Nothing, if that is right."),
    ),
    "figure_merged": (
        N_("A figure stands in a cell that is merged over several lines; it is counted once, at the first."),
        N_("Nothing, if that is right; else have the figure of each line exported."),
    ),
    "rows_hidden": (
        N_(
            "Hidden rows count too: {amount:n} in all; visible {visible:n} ({shown:n} lines); "
            "accounts hidden: {accounts:n}."
        ),
        N_("To leave them out, write under sources → {table}: visible_only: true"),
    ),
    "lines_struck": (
        N_("Struck-through lines count too, {amount:n} of {total:n}; without them it is {rest:n}."),
        N_("If they are void, delete them in a copy of the workbook, or ask for the status in a column."),
    ),
    "rows_hidden_list": (
        N_("Hidden rows are read too; {shown:n} of {all:n} rows are visible."),
        N_("To leave them out, write under sources → {table}: visible_only: true"),
    ),
    "columns_hidden": (
        N_("Columns that the workbook hides are read: {hidden}"),
        N_("Check that they are meant; else name the right header under columns."),
    ),
    "columns_hidden_unused": (
        N_("The workbook hides columns with figures, which are not read: {hidden}"),
        N_("If one of them is meant, name it under columns."),
    ),
    "heads_on_first_line": (
        N_("Only the first line of each group fills {columns:words}; the lines below come to {below:n}."),
        N_("If each belongs to the line above, write under sources → {table}: fill_down: [{fill_down_list}]"),
    ),
    "customer_headings": (
        N_("Headings stand above the lines, and no column names the customer."),
        N_("If they are customers, write at this table: columns: {{account_id: {header}}}"),
    ),
    "headings_unnamed": (
        N_("A column without a header holds headings ({names:words}), and no column names the customer."),
        N_("If they are customers, write at this table: columns: {{account_id: {header}}}"),
    ),
    "months_as_columns": (
        N_("Months stand side by side as columns, {first} to {last}."),
        N_("If the cells are sales, write under sources → {table}: unpivot: amount. That gives {amount:n}."),
    ),
    "months_without_year": (
        N_("The months stand side by side as columns, {first} to {last}, and nothing says of which year."),
        N_(
            "Write under sources, at this table: unpivot: {{cells: amount, year: 2025}}, with the right "
            "year. That gives {rows:n} lines, {accounts:n} accounts, {amount:n}."
        ),
    ),
    "periods_as_columns": (
        N_("Years or quarters stand side by side as columns, {first} to {last}, and no line has a date."),
        N_("Export one line for each invoice, or for each account and month."),
    ),
    "months_not_found": (
        N_("unpivot is set, but there are no three columns that name a month each; the headers are: {there}"),
        N_("Remove unpivot, or name the columns as in 2025-07."),
    ),
    "months_against_total": (
        N_("The months of these rows come to {amount:n}, their column of totals to {total:n}."),
        N_("Check whether a month or another column is missing."),
    ),
    "lines_voided": (
        N_("Lines that are void or cancelled, {amount:n} in all; they are set aside."),
        N_("Nothing, if that is right; keep_void: true in engagement.yaml counts them."),
    ),
    "lines_voided_kept": (
        N_("Lines that are void or cancelled, {amount:n} in all; they are counted, as keep_void says."),
        N_("Nothing, if that is right; without keep_void they are set aside."),
    ),
    "lines_doubtful": (
        N_("Counted, though not final or no sale: {amount:n} of {total:n}."),
        N_("To leave them out, write under sources → {table}: where: {where}"),
    ),
    "lines_all_doubtful": (
        N_("By its status no line is final or a sale, {amount:n} in all; they are counted."),
        N_("Confirm that these are sales; else ask for the export of posted documents."),
    ),
    "status_codes": (
        N_("A status in codes, and nothing says which lines count: {sums}. All are counted."),
        N_("Ask what each code means, and give the source the codes that count, for example: where: {where}"),
    ),
    "lines_marked_void": (
        N_(
            "These lines bear a word for void or cancelled here, {amount:n} of {total:n}; they are counted. "
            "Without them it is {rest:n}."
        ),
        N_("If they do not count, give the source: void: {void}"),
    ),
    "reversed_apart": (
        N_(
            "The filter drops reversed lines and keeps the lines that reverse them: {amount:n}; with both "
            "it is {together:n}."
        ),
        N_("Add this value to the filter under where, so that each pair comes to 0."),
    ),
    "returns_signed": (
        N_("Returns had positive amounts; they are subtracted: {amount:n} instead of {given:n}."),
        N_("If the signs are right as they stand, write signs_as_given: true"),
    ),
    "returns_doubtful": (
        N_(
            "These lines may be returns, but not all of their amounts are below zero: {given:n} as they "
            "stand, {other:n} if each is subtracted. They stay as they stand."
        ),
        N_("If they are returns, give the source: returns: {returns}; else signs_as_given: true"),
    ),
    "returns_by_quantity": (
        N_(
            "The quantity is below zero and the amount is not: {given:n} as they stand, {other:n} if these "
            "lines are subtracted. They stay as they stand."
        ),
        N_("If they are returns, give the source: returns: {returns}; else signs_as_given: true"),
    ),
    "refunds_beside": (
        N_(
            "Refunds of {refunds:n2} stand in a column of their own and are not in the amounts: {amount:n2} "
            "as they stand, {net:n2} net of refunds. They are not subtracted."
        ),
        N_("If revenue is meant net of refunds, write under sources, at this table: columns: {paste}"),
    ),
    "returned_beside": (
        N_(
            "{pieces:n} returned pieces, worth {refunds:n2}, stand in a column of their own: {amount:n2} as "
            "the amounts stand, {net:n2} without them. They are not subtracted."
        ),
        N_(
            "If the amounts do not allow for these returns, write under sources, at this table: "
            "columns: {paste}"
        ),
    ),
    "returned_beside_unknown": (
        N_(
            "{pieces:n} returned pieces stand in a column of their own, and no price or quantity says what "
            "they are worth. The amounts are {amount:n2} as they stand; nothing is subtracted."
        ),
        N_("Ask whether the amounts allow for these returns; if not, for the price of a piece."),
    ),
    "currencies_several": (
        N_("Several currencies cannot be added up: {sums}."),
        N_(
            "Give one unit in {currency}: currency_rates: {{{missing_rates}}}, or use a column in {currency}."
        ),
    ),
    "currencies_with_column": (
        N_("Several currencies cannot be added up: {sums}."),
        N_("Write columns: {{{name}: {propose}}}, which gives {would:n}, or give currency_rates."),
    ),
    "currency_differs": (
        N_("The amounts are in {code}, the report is in {currency}; they count as {currency}."),
        N_("Write currency: {code}, or currency_rates: {{{code}: …}} to convert."),
    ),
    "currency_in_names": (
        N_("Customers are named after currencies ({sums}); all amounts count as {currency}."),
        N_("If their amounts are in them, write currency_rates: {{{missing_rates}}} to convert."),
    ),
    "currency_of_input": (
        N_("The amounts here are in {code}, those of another input are not: {amount:n} cannot be added."),
        N_("Write currency_rates: {{{code}: …}} (one unit in {currency}), or export all in one currency."),
    ),
    "currency_converted": (
        N_("Converted to {currency} at {rates}: {sums}; {amount:n} in all."),
        N_("Nothing, if the rates are right."),
    ),
    "account_unlisted": (
        N_(
            "Lines of {accounts:n} {accounts:plural|account|accounts} that the list of accounts "
            "lacks, worth {amount:n}; they are counted in."
        ),
        N_("Add the accounts to the list, or check their ids."),
    ),
    "returns_many": (
        N_("Negative lines are {share:pct} of the gross amount, {amount:n} in all."),
        N_("Check that they are returns and that the lines they cancel are in the file too."),
    ),
    "due_before_invoice": (N_("Due before it was invoiced."), N_("Check both dates.")),
    "paid_before_invoice": (
        N_("Paid before it was invoiced."),
        N_("Check both dates; for a payment in advance nothing need be done."),
    ),
    "closed_before_opened": (N_("Closed before it was opened."), N_("Check both dates.")),
    "ends_before_start": (N_("The contract ends before it starts."), N_("Check both dates.")),
    "ends_before_notice": (N_("The contract ends before its notice is due."), N_("Check both dates.")),
    "realised_before_agreed": (
        N_("Realised before the customer agreed."),
        N_("Check both dates; where it came first, leave it."),
    ),
    "decided_in_future": (
        N_("The tender is decided on a day that has not come yet."),
        N_("Check the date and the result."),
    ),
    "delivered_over_ordered": (
        N_("Over 1.2 times what was ordered was delivered."),
        N_("Check both quantities and their units."),
    ),
    # assumptions of a value case
    "case_table": (
        N_(
            "A value case is one row, or a table with the columns assumption and value; this has {rows:n} "
            "rows."
        ),
        N_("Give one row: kp.value_case(table.iloc[[0]])."),
    ),
    "case_assumption_unknown": (N_("There is no such assumption{near_hint}."), N_("Use {allowed}.")),
    "case_assumption_missing": (N_("This assumption is required."), N_("Add it.")),
    "case_no_number": (
        N_("This is not a number."),
        N_("Give one figure; of benefit and running_cost also one for each year."),
    ),
    "case_years": (
        N_("Years are whole ones from 1 to {longest:n}, as many as there are figures by year."),
        N_("Correct the years or the figures."),
    ),
    "case_out_of_range": (
        N_("This value is not possible."),
        N_("An investment is 0 or more, a discount rate between 0 and 1 (0.08 is 8%)."),
    ),
    "contact_unknown": (N_("No contact has this id."), N_("Correct the id or add the contact.")),
    "contact_elsewhere": (
        N_("This contact belongs to another account."),
        N_("Correct the contact or the account."),
    ),
    "superior_unknown": (
        N_("The contact reports to somebody who is not listed."),
        N_("Correct the id or add that contact."),
    ),
    "superior_cycle": (
        N_("The reporting line leads back to where it began: {cycle}."),
        N_("Correct one of the links."),
    ),
    "parent_unknown": (
        N_("No account has this id."),
        N_("Correct the id or add the parent to the accounts."),
    ),
    "parent_self": (
        N_("The account is named as its own parent; it is taken to have none."),
        N_("Leave the cell empty, or name the real parent."),
    ),
    "parent_cycle": (N_("The group leads back to where it began: {cycle}."), N_("Correct one of the links.")),
    "accounts_written_alike": (
        N_(
            "It differs from “{other}” in spaces, width or case alone, and counts as another account: it "
            "bought for {amount:n2}, the other for {other_amount:n2}."
        ),
        N_(
            "Nothing was merged. If they are one, write same_account: {paste} into engagement.yaml, or the "
            "name in one way throughout."
        ),
    ),
    "accounts_same_tax_id": (
        N_("{id} has the same tax id as {other} ({other_name}, row {other_row:n}); they may be one company."),
        N_("Nothing was merged. If they are one company, use one id for both."),
    ),
    "accounts_same_name": (
        N_("{id} has the same name as {other} ({other_name}, row {other_row:n}); they may be one company."),
        N_("Nothing was merged. If they are one company, use one id for both."),
    ),
    "accounts_similar": (
        N_(
            "{id} is called almost the same as {other} ({other_name}, row {other_row:n}); they "
            "may be one company."
        ),
        N_("Nothing was merged. If they are one company, use one id for both."),
    ),
    "data_ends_early": (
        N_("The last transaction lies over a month before the reporting date {as_of:date}."),
        N_("Ask for the missing months."),
    ),
    "as_of_outside_data": (
        N_("No sale falls into the 12 months to this date; the data run from {first:date} to {last:date}."),
        N_("Use a date within the data."),
    ),
}

# what cannot be read in a settings file, and the slips in typing it with what is meant
YAML_REASONS: dict[str, str] = {
    "no_colon": N_("a name needs a colon and a space behind it"),
    "second_colon": N_("there is a second colon in the line, or the line before is not finished"),
    "character": N_("the character {what} cannot stand here"),
    "indent": N_("the line is not indented as those it belongs to"),
    "quote_open": N_("a quote or a bracket is not closed"),
    "bracket_open": N_("a bracket is not closed, or a comma lacks"),
    "key_twice": N_("the name {what} stands twice"),
    "alias": N_("a text that begins with * or & needs quotes"),
    "quotes_needed": N_("the text needs quotes"),
    "not_yaml": N_("this is no setting"),
}
YAML_SLIPS: dict[str, tuple[str, str]] = {
    "colon": (N_("The line has a full-width colon ："), N_("a plain colon and a space")),
    "quotes": (N_("The line has curly quotes “ ”"), N_("straight quotes")),
    "tab": (N_("The line holds a tab"), N_("spaces")),
    "space": (N_("There must be a space after the colon"), N_("“{meant}”")),
    "quote_open": (
        N_("A quote opens in this line and is not closed"),
        N_("a quote at both ends of the text"),
    ),
    "comma": (N_("The line has a full-width sign between brackets"), N_("plain brackets, commas and colons")),
}
# why a header that seems to hold something feeds no column
REASONS: dict[str, str] = {
    "not_known": N_("the header is not known; name it under columns if it is meant"),
    "other_used": N_("{used} feeds this column"),
    "blank": N_("most of its cells are empty"),
    "one_value": N_("it holds one value for all lines"),
    "all_different": N_("it holds another value on every line"),
    "ledger": N_("it holds accounts of the ledger, not customers"),
    "dates": N_("it holds dates"),
    "amounts": N_("it holds amounts"),
    "per_unit": N_("it is of one piece: quantity × it is {used}"),
    "per_document": N_("it repeats the total of the document on each line"),
    "other_currency": N_("it is in another currency than {used}"),
    "before_discount": N_("it is before discount"),
    "with_tax": N_("it includes tax"),
    "price": N_("a price of one piece"),
    "tax": N_("tax"),
    "discount": N_("a discount"),
    "paid": N_("what was paid or is still due"),
    "freight": N_("freight or fees"),
    "profit": N_("a profit"),
    "list": N_("it is before discount"),
    "gross": N_("it includes tax"),
    "document": N_("a total of the document"),
    "no_figures": N_("it holds no figures"),
    "looked_at_currency": N_("looked at for the currency of each line"),
    "looked_at_status": N_("looked at for lines that do not count"),
    "looked_at_document_type": N_("looked at for credit notes"),
    "no_column": N_("no column of this table takes it"),
    "in_accounts": N_("the list of accounts says it already"),
    "of_the_line": N_(
        "{several:n} of {accounts:n} accounts have several at a time; columns: {{{name}: {header}}} uses it"
    ),
}
