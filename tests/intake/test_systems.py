"""The whole header line that each system exports, and what each header of it feeds.

The lines are those of the systems' own exports, import templates and reports, as public documentation and
files show them.
"""

import pandas as pd
import pytest

from kamplay.codebook import codebook, fold
from kamplay.engagement import Source
from kamplay.intake.columns.mapping import map_headers
from kamplay.intake.files.readers import Raw

# name → (table, header line, our column → its header)
SYSTEMS = {
    "zendesk tickets": (
        "tickets",
        "Summation column,Id,Requester,Requester id,Requester external id,Requester email,Requester domain,"
        "Submitter,Assignee,Group,Subject,Tags,Status,Priority,Via,Ticket type,Created at,Updated at,"
        "Assigned at,Organization,Due date,Initially assigned at,Solved at,Resolution time,"
        "Satisfaction Score,Group stations,Assignee stations,Reopens,Replies",
        {
            "ticket_id": "Id",
            "account_id": "Organization",
            "opened": "Created at",
            "closed": "Solved at",
            "kind": "Ticket type",
            "severity": "Priority",
            "due": "Due date",
        },
    ),
    "zendesk explore": (
        "tickets",
        "Ticket ID,Ticket status,Ticket group,Assignee name,Ticket created - Date,Ticket solved - Date,"
        "Ticket brand,Ticket channel,Ticket form,Ticket priority,Ticket subject,Ticket type,Requester name,"
        "Ticket organization name,Tickets",
        {
            "ticket_id": "Ticket ID",
            "account_id": "Ticket organization name",
            "opened": "Ticket created - Date",
            "closed": "Ticket solved - Date",
            "kind": "Ticket type",
            "severity": "Ticket priority",
        },
    ),
    "jira": (
        "tickets",
        "Summary,Issue key,Issue id,Issue Type,Status,Project key,Project name,Project type,Project lead,"
        "Project lead id,Project description,Priority,Resolution,Assignee,Assignee Id,Reporter,Reporter Id,"
        "Creator,Creator Id,Created,Updated,Last Viewed,Resolved,Due date,Votes,Description,Environment,"
        "Original estimate,Remaining Estimate,Time Spent,Work Ratio,Security Level,"
        "Custom field (Organizations),Custom field (Rank),Custom field (Severity),Custom field (Start date)",
        {
            "ticket_id": "Issue key",
            "account_id": "Custom field (Organizations)",
            "opened": "Created",
            "closed": "Resolved",
            "kind": "Issue Type",
            "severity": "Priority",
            "due": "Due date",
        },
    ),
    "hubspot deals": (
        "opportunities",
        "Record ID,Deal Name,Deal Stage,Pipeline,Amount,Amount in company currency,Currency,Close Date,"
        "Create Date,Deal owner,Deal Type,Deal probability,Last Activity Date,Is Closed Won,Is closed lost,"
        "Associated Contact IDs,Associated Company (Primary),Associated Company IDs",
        {
            "opportunity_id": "Record ID",
            "account_id": "Associated Company IDs",
            "amount": "Amount",
            "stage": "Deal Stage",
            "win_rate": "Deal probability",
            "opened": "Create Date",
            "closed": "Close Date",
        },
    ),
    "hubspot contacts": (
        "contacts",
        "Record ID,First Name,Last Name,Email,Phone Number,Job Title,Contact owner,Lifecycle Stage,"
        "Associated Company (Primary),Associated Company IDs",
        {"contact_id": "Record ID", "account_id": "Associated Company IDs", "title": "Job Title"},
    ),
    "salesforce opportunities": (
        "opportunities",
        "Opportunity ID,Opportunity Name,Account Name,Account ID,Stage,Fiscal Period,Amount,"
        "Amount (converted),Probability (%),Age,Close Date,Created Date,Next Step,Lead Source,Type,"
        "Opportunity Owner,Owner Role",
        {
            "opportunity_id": "Opportunity ID",
            "account_id": "Account ID",
            "amount": "Amount",
            "stage": "Stage",
            "win_rate": "Probability (%)",
            "opened": "Created Date",
            "closed": "Close Date",
        },
    ),
    "salesforce data loader": (
        "opportunities",
        "Id,AccountId,Name,Description,StageName,Amount,Probability,CloseDate,Type,NextStep,LeadSource,"
        "IsClosed,IsWon,ForecastCategory,OwnerId,CreatedDate,LastModifiedDate,FiscalQuarter,FiscalYear",
        {
            "opportunity_id": "Id",
            "account_id": "AccountId",
            "amount": "Amount",
            "stage": "StageName",
            "win_rate": "Probability",
            "opened": "CreatedDate",
            "closed": "CloseDate",
        },
    ),
    "dynamics opportunities": (
        "opportunities",
        "(Do Not Modify) Opportunity,(Do Not Modify) Row Checksum,(Do Not Modify) Modified On,Topic,"
        "Potential Customer,Contact,Est. Close Date,Est. Revenue,Actual Close Date,Actual Revenue,"
        "Probability,Rating,Pipeline Phase,Status,Status Reason,Created On,Owner",
        {
            "opportunity_id": "(Do Not Modify) Opportunity",
            "account_id": "Potential Customer",
            "amount": "Est. Revenue",
            "stage": "Pipeline Phase",
            "win_rate": "Probability",
            "opened": "Created On",
            "expected_close": "Est. Close Date",
            "closed": "Actual Close Date",
            "result": "Status",
        },
    ),
    "business central": (
        "transactions",
        "Posting Date,Document No.,Sell-to Customer No.,Sell-to Customer Name,Type,No.,Description,Quantity,"
        "Unit of Measure Code,Unit Price Excl. VAT,Line Discount %,Line Amount Excl. VAT",
        {
            "date": "Posting Date",
            "order_id": "Document No.",
            "account_id": "Sell-to Customer No.",
            "quantity": "Quantity",
            "amount": "Line Amount Excl. VAT",
        },
    ),
    "xero": (
        "transactions",
        "ContactName,EmailAddress,POAddressLine1,POAddressLine2,POAddressLine3,POAddressLine4,POCity,"
        "PORegion,POPostalCode,POCountry,SAAddressLine1,SACity,SARegion,SAPostalCode,SACountry,InvoiceNumber,Reference,"
        "InvoiceDate,DueDate,PlannedDate,Total,TaxTotal,InvoiceAmountPaid,InvoiceAmountDue,InventoryItemCode,"
        "Description,Quantity,UnitAmount,Discount,LineAmount,AccountCode,TaxType,TaxAmount,TrackingName1,"
        "TrackingOption1,TrackingName2,TrackingOption2,Currency,Type,Sent,Status",
        {
            "account_id": "ContactName",
            "order_id": "InvoiceNumber",
            "date": "InvoiceDate",
            "product": "InventoryItemCode",
            "quantity": "Quantity",
            "amount": "LineAmount",
            "status": "Status",
        },
    ),
    "quickbooks desktop": (
        "transactions",
        "Type,Date,Num,Memo,Name,Item,Qty,Sales Price,Amount,Balance",
        {
            "date": "Date",
            "order_id": "Num",
            "account_id": "Name",
            "product": "Item",
            "quantity": "Qty",
            "amount": "Amount",
        },
    ),
    "quickbooks online": (
        "transactions",
        "Customer full name,Transaction date,Transaction type,Num,Product/Service full name,Description,"
        "Quantity,Sales price,Amount,Balance",
        {
            "date": "Transaction date",
            "order_id": "Num",
            "account_id": "Customer full name",
            "product": "Product/Service full name",
            "quantity": "Quantity",
            "amount": "Amount",
        },
    ),
    "stripe": (
        "transactions",
        "id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Converted Amount,"
        "Converted Amount Refunded,Converted Currency,Description,Fee,Is Link,Mode,Payment Source Type,"
        "Status,Taxes On Fee,Customer ID,Customer Description,Customer Email,Invoice ID,Transfer",
        {
            "date": "Created date (UTC)",
            "account_id": "Customer ID",
            "order_id": "Invoice ID",
            "amount": "Amount",
            "status": "Status",
        },
    ),
    "shopify": (
        "transactions",
        "Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Subtotal,Shipping,Taxes,Total,"
        "Discount Code,Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,"
        "Lineitem sku,Billing Name,Billing Company,Shipping Name,Shipping Country,Id",
        {
            "date": "Created at",
            "account_id": "Billing Company",
            "order_id": "Name",
            "product": "Lineitem name",
            "quantity": "Lineitem quantity",
            "status": "Financial Status",
        },
    ),
    "odoo invoices": (
        "transactions",
        "Number,Invoice Partner Display Name,Invoice/Bill Date,Due Date,Currency,Untaxed Amount Signed,"
        "Total Signed,Payment Status,Status,Salesperson",
        {
            "order_id": "Number",
            "account_id": "Invoice Partner Display Name",
            "date": "Invoice/Bill Date",
            "amount": "Untaxed Amount Signed",
            "status": "Status",
        },
    ),
    "odoo invoice lines": (
        "transactions",
        "Number,Invoice Partner Display Name,Invoice/Bill Date,Due Date,Payment Terms,Journal,"
        "Invoice lines/Product,Invoice lines/Label,Invoice lines/Account,Invoice lines/Quantity,"
        "Invoice lines/Unit Price,Invoice lines/Taxes,Invoice lines/Subtotal",
        {
            "order_id": "Number",
            "account_id": "Invoice Partner Display Name",
            "date": "Invoice/Bill Date",
            "product": "Invoice lines/Product",
            "quantity": "Invoice lines/Quantity",
            "amount": "Invoice lines/Subtotal",
        },
    ),
    "erpnext item-wise sales register": (
        "transactions",
        "Item Code,Item Name,Item Group,Description,Invoice,Posting Date,Customer Group,Customer,"
        "Customer Name,Receivable Account,Mode Of Payment,Territory,Project,Company,Sales Order,"
        "Delivery Note,Income Account,Cost Center,Stock Qty,Stock UOM,Rate,Amount",
        {
            "date": "Posting Date",
            "account_id": "Customer",
            "product": "Item Name",
            "category": "Item Group",
            "quantity": "Stock Qty",
            "amount": "Amount",
            "order_id": "Invoice",
        },
    ),
    "erpnext accounts receivable": (
        "receivables",
        "Posting Date,Party Type,Party,Receivable Account,Customer Contact,Cost Center,Voucher Type,"
        "Voucher No,Due Date,Invoiced Amount,Paid Amount,Credit Note,Outstanding Amount,Age (Days),Currency,"
        "Territory,Customer Group",
        {
            "invoice_date": "Posting Date",
            "account_id": "Party",
            "invoice_id": "Voucher No",
            "due_date": "Due Date",
            "amount": "Invoiced Amount",
        },
    ),
    "kingdee cloud": (
        "transactions",
        "FBillNo,FDate,FCustomerID.FNumber,FCustomerID.FName,FSaleOrgId.FName,FMaterialID.FNumber,"
        "FMaterialID.FName,FRealQty,FAmount_LC,FAllAmount_LC,FDocumentStatus",
        {
            "order_id": "FBillNo",
            "date": "FDate",
            "account_id": "FCustomerID.FNumber",
            "sales_entity": "FSaleOrgId.FName",
            "product": "FMaterialID.FName",
            "quantity": "FRealQty",
            "amount": "FAmount_LC",
            "status": "FDocumentStatus",
        },
    ),
    "yonyou U8": (
        "transactions",
        "业务类型,销售类型,发票号,开票日期,客户简称,客户名称,币种,汇率,销售部门,业务员,合同编码,"
        "表体订单号,仓库,存货编码,存货代码,存货名称,规格型号,批号,数量,报价,含税单价,无税单价,"
        "无税金额,税率（%）,税额,价税合计,扣率（%）,折扣额,制单人,复核人,到期日",
        {
            "order_id": "发票号",
            "date": "开票日期",
            "account_id": "客户名称",
            "product": "存货名称",
            "quantity": "数量",
            "amount": "无税金额",
        },
    ),
    "aisino": (
        "transactions",
        "发票代码,发票号码,购方企业名称,购方税号,银行帐号,地址电话,开票日期,商品编码版本号,单据号,商品名称,"
        "规格,单位,数量,单价,金额,税率,税额,税收分类编码",
        {
            "order_id": "发票号码",
            "account_id": "购方税号",
            "date": "开票日期",
            "product": "商品名称",
            "quantity": "数量",
            "amount": "金额",
        },
    ),
    "digital invoices": (
        "transactions",
        "序号,发票代码,发票号码,数电发票号码,销方识别号,销方名称,购方识别号,购买方名称,开票日期,税收分类编码,"
        "特定业务类型,货物或应税劳务名称,规格型号,单位,数量,单价,金额,税率,税额,价税合计,发票来源,"
        "发票票种,发票状态,是否正数发票,发票风险等级,开票人,备注",
        {
            "order_id": "发票号码",
            "account_id": "购方识别号",
            "date": "开票日期",
            "product": "货物或应税劳务名称",
            "quantity": "数量",
            "amount": "金额",
            "sales_entity": "销方名称",
            "status": "发票状态",
        },
    ),
}


def mapped(table: str, line: str):
    headers = line.split(",")
    frame = pd.DataFrame([["1"] * len(headers)], columns=headers, index=[2])
    return map_headers(Raw(frame, "data/x.csv", None, 1), codebook()[table], Source(path=["data/x.csv"]))


@pytest.mark.parametrize("system", SYSTEMS)
def test_each_header_feeds_its_column_and_no_other_does(system):
    table, line, expected = SYSTEMS[system]
    found, _ = mapped(table, line)
    assert found.headers == expected


def test_a_header_that_says_too_little_counts_only_in_its_own_export():
    for line in ("Date,Product ID,Name,Amount", "Date,Customer no,Name,Number,Amount"):
        found, _ = mapped("transactions", line)
        assert not {"Name", "Number"} & set(found.headers.values())
    assert mapped("opportunities", "Deal ID,Account,Stage,Amount,Status")[0].headers.get("result") is None


def test_every_alias_of_a_system_leads_to_its_column():
    for spec in codebook().values():
        for column in spec.columns.values():
            for header in (h for known in column.systems.values() for h in known):
                beside = {fold(k): v for k, v in column.beside.items()}.get(fold(header))
                line = ",".join([header, *(beside or ())[:1]])
                assert column.name in mapped(spec.name, line)[0].headers, (spec.name, column.name, header)
