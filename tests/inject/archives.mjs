/*
 * What injected failures must leave of backups, restores and point-in-time recovery: what was asked
 * for and answered is made or said not to be; a file that has its name is whole; a restored table
 * holds what it should or is gone again, with a line in the log.
 *
 *   const archives = new Archives(context);     { table, server, endpoint(), items(), claim, binary }
 *   await archives.open();                      recovery is switched on
 *   archives.operations                         as those of inject.mjs, and of each request
 *       settle()      while the failure is armed: until what goes on in the background is over
 *       prove(answer) afterwards
 */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { runStator } from "../support/server.mjs";

const WAIT_MS_MAX = 60_000;

export class Archives {
    #context;
    #kept; /* a backup that was made while nothing failed, and what it holds */
    #first; /* the moment at which recovery was switched on, and what the table held */
    #serial = 0;
    #logBefore = 0;

    constructor(context) {
        this.#context = context;
    }

    get operations() {
        const { table } = this.#context;
        return {
            createBackup: () => this.#backUp(),
            deleteBackup: () => this.#deleteBackup(),
            restoreTableFromBackup: () =>
                this.#restore("RestoreTableFromBackup", { BackupArn: this.#kept.arn }, this.#kept.items),
            restoreTableToPointInTime: async () => {
                const moment = await this.#earliest();
                const items = moment === this.#first.moment ? this.#first.items : null;
                return this.#restore("RestoreTableToPointInTime", { SourceTableName: table, RestoreDateTime: moment }, items);
            },
            switchRecoveryOn: () => this.#switchOn(),
            deleteTableWithRecovery: () => this.#deleteTable(),
        };
    }

    async open() {
        const { table } = this.#context;
        const items = this.#context.items();
        await this.#switch(table, true);
        this.#first = { moment: await this.#earliest(), items };
        const { BackupDetails } = await this.#ok("CreateBackup", { TableName: table, BackupName: "kept" });
        this.#kept = { arn: BackupDetails.BackupArn, items };
        await this.#until(async () => (await this.#isNothingPending()));
    }

    #backUp() {
        const { table } = this.#context;
        const items = this.#context.items();
        const BackupName = `backup-${++this.#serial}`;
        const prove = async (answer) => {
            await this.#until(() => this.#isNothingPending()); /* one that a restart begins again is being made */
            const [backup] = (await this.#backups()).filter((each) => each.BackupName === BackupName);
            this.#claim(backup || answer?.status !== 200 || this.#has("backup_failed"), "a backup that was asked for is not there, and nothing says why");
            if (!backup)
                return;
            await this.#proveRestored({ operation: "RestoreTableFromBackup", given: { BackupArn: backup.BackupArn }, items });
            await this.#ok("DeleteBackup", { BackupArn: backup.BackupArn });
        };
        return this.#request("CreateBackup", { TableName: table, BackupName }, prove);
    }

    async #deleteBackup() {
        const { table } = this.#context;
        const { BackupDetails: { BackupArn } } = await this.#ok("CreateBackup", { TableName: table, BackupName: "going" });
        await this.#until(() => this.#isNothingPending());
        const prove = async () => {
            if ((await this.#backups()).some((each) => each.BackupArn === BackupArn))
                await this.#ok("DeleteBackup", { BackupArn });
        };
        return this.#request("DeleteBackup", { BackupArn }, prove);
    }

    #restore(operation, given, items) {
        const TargetTableName = this.#name();
        const prove = async (answer) => {
            const found = await this.#itemsOf(TargetTableName);
            this.#claim(found || answer?.status !== 200 || this.#has("restore_failed"), `${TargetTableName} is gone, and nothing says why`);
            this.#claim(!found || !items || found === items, `${TargetTableName} holds ${found}, not ${items}`);
            if (found)
                await this.#ok("DeleteTable", { TableName: TargetTableName });
        };
        return this.#request(operation, { ...given, TargetTableName }, prove);
    }

    /* With nothing failing. */
    async #proveRestored({ operation, given, items }) {
        const { body, prove } = this.#restore(operation, given, items);
        await this.#ok(operation, body);
        await this.#until(() => this.#isNothingPending());
        await prove({ status: 200 });
    }

    async #switchOn() {
        const TableName = await this.#table();
        const prove = async () => {
            await this.#switch(TableName, true); /* again, where it has not come to it */
            await this.#switch(TableName, false);
            await this.#ok("DeleteTable", { TableName });
        };
        return this.#request("UpdateContinuousBackups", switchBody(TableName, true), prove);
    }

    async #deleteTable() {
        const TableName = await this.#table();
        await this.#switch(TableName, true);
        const prove = async (answer) => {
            const [left] = (await this.#backups("SYSTEM")).filter((each) => each.TableName === TableName);
            const isGone = (await this.#call("DescribeTable", { TableName })).status === 400;
            this.#claim(left || !isGone || this.#has("backup_failed"), `${TableName} is gone and has left no backup`);
            this.#claim(isGone || answer?.status !== 200, `${TableName} is still there`);
        };
        return this.#request("DeleteTable", { TableName }, prove);
    }

    /* ---- what they share ---- */

    #request(operation, body, prove) {
        this.#logBefore = this.#context.server().written;
        return {
            operation,
            body,
            settle: () => this.#until(() => this.#isNothingPending()),
            prove: async (answer) => {
                await this.#until(() => this.#isNothingPending());
                await prove(answer);
                await this.#proveFiles();
            },
        };
    }

    /* A file with its own name is whole. */
    async #proveFiles() {
        const { server, binary } = this.#context;
        const { code, output, errors } = await runStator(["verify-backup", join(server().directory, "backups")], { binary });
        this.#claim(code === 0, `verify-backup says: ${output}${errors}`);
    }

    /* No backup is being made, no table restored; or there is nobody to ask. */
    async #isNothingPending() {
        try {
            const backups = await this.#backups("ALL");
            const tables = await this.#call("ListTables", {});
            if (!backups || tables.status !== 200)
                return false;
            for (const TableName of tables.json.TableNames)
                if ((await this.#call("DescribeTable", { TableName })).json.Table?.TableStatus === "CREATING")
                    return false;
            return backups.every(({ BackupStatus }) => BackupStatus === "AVAILABLE");
        } catch (error) {
            if (error?.name === "AssertionError")
                throw error;
            return (await Promise.race([this.#context.server().exit, pause(20)])) !== undefined;
        }
    }

    async #table() {
        const TableName = this.#name();
        await this.#ok("CreateTable", {
            TableName,
            AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
            KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
            BillingMode: "PAY_PER_REQUEST",
        });
        await this.#ok("PutItem", { TableName, Item: { pk: { S: "b" } } });
        return TableName;
    }

    async #switch(TableName, on) {
        await this.#ok("UpdateContinuousBackups", switchBody(TableName, on));
    }

    async #earliest() {
        const { ContinuousBackupsDescription } = await this.#ok("DescribeContinuousBackups", { TableName: this.#context.table });
        return ContinuousBackupsDescription.PointInTimeRecoveryDescription.EarliestRestorableDateTime;
    }

    /* Of all pages: deleted tables leave backups behind, and more of them than a page has. Null: it failed. */
    async #backups(BackupType = "USER") {
        const found = [];
        for (let ExclusiveStartBackupArn; ; ) {
            const { status, json } = await this.#call("ListBackups", { BackupType, ExclusiveStartBackupArn });
            if (status !== 200)
                return null;
            found.push(...json.BackupSummaries);
            if (!json.LastEvaluatedBackupArn)
                return found;
            ExclusiveStartBackupArn = json.LastEvaluatedBackupArn;
        }
    }

    /* As text, sorted; null: there is no such table. */
    async #itemsOf(TableName) {
        const { status, json } = await this.#call("Scan", { TableName, ConsistentRead: true });
        return status === 200 ? JSON.stringify(json.Items.map(this.#context.canonical).sort()) : null;
    }

    #name() {
        return `archived-${++this.#serial}`;
    }

    /* Since the last request. */
    #has(event) {
        return this.#context.server().log(this.#logBefore).includes(`event=${event}`);
    }

    #claim(holds, text) {
        this.#context.claim(holds, text);
    }

    #ok(operation, body) {
        return this.#context.endpoint().ok(operation, body);
    }

    #call(operation, body) {
        return this.#context.endpoint().call(operation, body);
    }

    async #until(holds) {
        for (const end = Date.now() + WAIT_MS_MAX; Date.now() < end; await pause(10))
            if (await holds())
                return;
        this.#claim(false, "what goes on in the background does not end");
    }
}

const switchBody = (TableName, on) => ({ TableName, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: on } });
