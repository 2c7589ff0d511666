"""Step 4: what to do at each account, who visits whom, and when.

``step`` puts it together. What is done: ``strategy_choice``, ``next_action``, ``possible_actions``,
``actions``, ``terms`` (of contracts), ``one_talk`` (of what would be two), ``whom``; by when: ``due_dates``,
``week_load``, ``working_days``.
Visits: ``capacity`` (what people can do), ``allocation`` and ``visit_programme`` (whom they visit),
``calendar``, ``diary``, ``tours`` and ``meetings`` (on which day, on which tour of the head of sales, whom
they meet), ``visit_sheets``. Looking back: ``actions_done``, ``visits_done``, ``since_last_run``.
What else the plan tells: ``growth``, ``service``, ``price_by_tier``, ``owners``, ``organisation``,
``capabilities``, ``platform``; ``findings`` and ``allocation_findings`` say what comes of it.
"""
