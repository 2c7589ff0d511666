"""Who an action addresses, before its first colon: roles, who is asked where no account has an owner, and
which of them are the head of sales's matters.
"""

from __future__ import annotations

import re

# who an action may address, before its first colon
ROLES = frozenset(
    [
        "Account managers",
        "Account owner",
        "Account owners",
        "Account owners and finance",
        "Contract desk",
        "Raters",
        "Analyst",
        "Data owner",
        "Delivery lead",
        "Delivery lead and finance",
        "Finance",
        "Finance and sales",
        "Finance and sales management",
        "Finance and sales operations",
        "General manager",
        "General manager and sales head",
        "Head of sales",
        "Head of sales and finance",
        "Head of sales and inside sales",
        "Head of service",
        "Heads of department",
        "Inside sales",
        "Management",
        "Management and legal",
        "Marketing",
        "Owners",
        "Sales",
        "Sales and finance",
        "Sales head",
        "Sales operations",
        "Service",
        "客户经理",
        "客户负责人",
        "客户负责人与财务",
        "合同管理岗",
        "投票人",
        "各负责人",
        "分析人员",
        "数据负责人",
        "交付负责人",
        "交付负责人和财务",
        "财务",
        "财务与销售",
        "财务和销售管理层",
        "财务与销售运营",
        "总经理",
        "总经理和销售负责人",
        "销售负责人",
        "销售负责人与财务",
        "销售负责人与内勤",
        "服务负责人",
        "各部门负责人",
        "内勤",
        "内勤销售",
        "管理层",
        "管理层与法务",
        "市场",
        "市场部门",
        "销售",
        "销售与财务",
        "销售运营",
        "服务部门",
    ]
)
OWNERS = frozenset(["Account owner", "Account owners", "客户负责人"])  # told by name where they are one
# who is asked in place of the owners where no account has one
UNOWNED = {
    **dict.fromkeys(["Account owner", "Account owners", "Owners", "Account managers"], "Head of sales"),
    "Account owners and finance": "Head of sales and finance",
    **dict.fromkeys(["客户负责人", "各负责人", "客户经理"], "销售负责人"),
    "客户负责人与财务": "销售负责人与财务",
}
ROLE = {"en": re.compile(r"^([^:]+): (?=\S)"), "zh": re.compile(r"^([^：]+)：")}
# where a name or a sentence means the head of sales
HEAD = {"en": re.compile(r"head of sales|sales head", re.IGNORECASE), "zh": re.compile("销售负责人")}
# roles in which the head of sales decides together with others; and of what the report's page asks for also
# all heads together, and who works for the head of sales
WITH_HEAD = {
    "en": frozenset(
        [
            "Finance and sales",
            "Finance and sales management",
            "Management",
            "Management and legal",
            "Sales",
            "Sales and finance",
        ]
    ),
    "zh": frozenset(["财务与销售", "财务和销售管理层", "管理层", "管理层与法务", "销售", "销售与财务"]),
}
WITH_HEAD_ON_PAGE = {
    "en": WITH_HEAD["en"] | {"Heads of department", "Sales operations"},
    "zh": WITH_HEAD["zh"] | {"各部门负责人", "销售运营"},
}
