/*
 * The life of a table: writers, a clock that is moved while they write, backups and restores begun
 * at any moment, across servers on one directory. What a restored table must hold is known from
 * marks: how far each writer was before and after the moment of the cut.
 *
 *   const life = new Life(random, "Drilled-1", clockMs);
 *   await life.open(port, { create: true });    again after every restart of the server
 *   await life.run(actions);                    ends early when the server goes away
 *   await life.compare();                       at rest: the first violation in words, or null
 *   await life.end();                           the table is deleted, and what it left is compared
 */
import { setTimeout as pause } from "node:timers/promises";
import { textOf } from "../model/value.mjs";
import { Lane } from "../support/lane.mjs";
import { definition, INDEXES } from "./table.mjs";
import { Grower } from "./grower.mjs";
import { nameOf, Writer } from "./writer.mjs";

const WRITERS = 8;
const FILLERS = 600; /* so that a scan takes its time */
const FILLER = "f".repeat(1500);
const RESTORES_MAX = 3; /* waited for at once */
const WAIT_MS_MAX = 60_000;
const LAG_MS = 5 * 60 * 1000; /* of the latest moment that can be restored */
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export class Life {
    #random;
    #name;
    #days;
    #leapHoursMax; /* of the clock */
    #port;
    #control; /* a lane of its own */
    #lanes = [];
    #writers;
    #moves = []; /* { toMs, mark }, oldest first */
    #backups = []; /* { arn, mark, atMs } */
    #restores = []; /* { name, mark, atMs, what } */
    #isWriting = false;
    #targets = 0;
    counts = { written: 0, backups: 0, "backups restored": 0, "moments restored": 0, refused: 0 };

    constructor(random, name, clockMs, { days = [1, 2, 7, 35], leapHoursMax = 30 } = {}) {
        this.#random = random;
        this.#name = name;
        this.#days = random.pick(days);
        this.#leapHoursMax = leapHoursMax;
        this.#writers = [...Array.from({ length: WRITERS }, (_, number) => new Writer(random, number)), new Grower()];
        this.clockMs = clockMs;
    }

    /* A server begins with the machine's time: it is put forward before anybody writes. */
    async open(port, { create = false } = {}) {
        this.close();
        this.#port = port;
        this.#control = await Lane.open(port);
        this.#lanes = await Promise.all(this.#writers.map(() => Lane.open(port)));
        await this.#setClock();
        if (create)
            await this.#create();
        else
            await this.#learn();
    }

    close() {
        this.#control?.close();
        this.#lanes.forEach((lane) => lane.close());
    }

    async #create() {
        await this.#control.ok("CreateTable", definition(this.#name));
        await this.#control.ok("UpdateTimeToLive", { TableName: this.#name, TimeToLiveSpecification: { Enabled: true, AttributeName: "until" } });
        for (let i = 0; i < FILLERS; i += 25)
            await this.#control.ok("BatchWriteItem", {
                RequestItems: { [this.#name]: Array.from({ length: 25 }, (_, j) => ({ PutRequest: { Item: { pk: { S: `filler/${i + j}` }, sk: { N: "0" }, text: { S: FILLER } } } })) },
            });
        await this.#control.ok("UpdateContinuousBackups", { TableName: this.#name, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: this.#days } });
    }

    /* ---- under load ---- */

    async run(actions) {
        this.#isWriting = true;
        const writing = Promise.all(this.#writers.map(async (writer, number) => {
            while (this.#isWriting && (await writer.write(this.#lanes[number], this.#name, this.clockMs)))
                this.counts.written++;
        }));
        for (let i = 0; i < actions && !this.#control.ended; i++) {
            await pause(this.#random.between(0, 60));
            await this.#random.weighted([[this.#moveClock, 40], [this.#backUp, 20], [this.#restoreBackup, 15], [this.#restoreMoment, 20], [this.#forget, 5]]).call(this);
        }
        this.#isWriting = false;
        await writing;
    }

    #mark() {
        return this.#writers.map(({ answered, steps }) => ({ low: answered, high: steps.length }));
    }

    /* What happens now has every writer where the mark says. */
    async #marked(what) {
        const before = this.#mark();
        const answer = await what();
        return { answer, mark: this.#mark().map(({ high }, i) => ({ low: before[i].low, high })) };
    }

    async #moveClock() {
        const [low, high] = this.#random.weighted([[[SECOND, 90 * SECOND], 50], [[2 * MINUTE, 40 * MINUTE], 40], [[HOUR, this.#leapHoursMax * HOUR], 10]]);
        const toMs = this.clockMs + SECOND * Math.floor(this.#random.between(low, high) / SECOND);
        this.clockMs = toMs; /* whoever writes from now on may be told of it */
        const { mark } = await this.#marked(() => this.#setClock().catch(() => null));
        this.#moves.push({ toMs, mark });
    }

    async #setClock() {
        const answer = await fetch(`http://127.0.0.1:${this.#port}/_stator/clock`, { method: "PUT", body: JSON.stringify({ EpochMilliseconds: this.clockMs }) });
        if (answer.status !== 200)
            throw new Error(`the clock was answered ${answer.status} ${await answer.text()}`);
    }

    async #backUp() {
        const { answer, mark } = await this.#marked(() => this.#call("CreateBackup", { TableName: this.#name, BackupName: `backup-${this.#backups.length}` }));
        if (!answer)
            return;
        this.#backups.push({ arn: answer.BackupDetails.BackupArn, mark, atMs: this.clockMs });
        this.counts.backups++;
    }

    async #restoreBackup() {
        if (this.#backups.length === 0 || this.#restores.length >= RESTORES_MAX)
            return;
        const backup = this.#random.pick(this.#backups);
        if (await this.#restore("RestoreTableFromBackup", { BackupArn: backup.arn }, backup, `backup ${backup.arn}`, /#BackupInUseException$/))
            this.counts["backups restored"]++;
    }

    async #restoreMoment() {
        const answer = await this.#call("DescribeContinuousBackups", { TableName: this.#name });
        if (!answer || this.#restores.length >= RESTORES_MAX)
            return;
        const { EarliestRestorableDateTime, LatestRestorableDateTime } = answer.ContinuousBackupsDescription.PointInTimeRecoveryDescription;
        const [from, to] = [Math.ceil(EarliestRestorableDateTime), Math.floor(LatestRestorableDateTime)];
        if (from > to || to * SECOND > this.clockMs - LAG_MS)
            return;
        const isEdge = this.#random.chance(20); /* the moment may become too old while it is asked for */
        const moment = isEdge ? from : this.#random.between(from, to);
        const { mark } = this.#moves.find(({ toMs }) => toMs > moment * SECOND);
        const given = { SourceTableName: this.#name, RestoreDateTime: moment };
        const moving = isEdge ? this.#moveClock() : null;
        if (await this.#restore("RestoreTableToPointInTime", given, { mark, atMs: moment * SECOND }, `moment ${moment}`, isEdge ? /#InvalidRestoreTimeException$/ : null))
            this.counts["moments restored"]++;
        await moving;
    }

    /* A backup that is not waited for goes. */
    async #forget() {
        if (this.#backups.length < 4)
            return;
        const [backup] = this.#backups.splice(this.#random.below(this.#backups.length), 1);
        await this.#call("DeleteBackup", { BackupArn: backup.arn }, /#BackupInUseException$/);
    }

    async #restore(operation, given, { mark, atMs }, what, refusal) {
        const name = `${this.#name}-restored-${++this.#targets}`;
        const sent = { name, mark, atMs, what, isAnswered: false };
        this.#restores.push(sent);
        const answer = await this.#call(operation, { ...given, TargetTableName: name }, refusal);
        sent.isAnswered = answer !== null;
        if (answer === null && !this.#control.ended)
            this.#restores.splice(this.#restores.indexOf(sent), 1);
        return answer;
    }

    /* Null: no answer came, or the refusal that was to be expected. */
    async #call(operation, body, refusal) {
        const answer = await this.#control.call(operation, body);
        if (answer === null || (refusal?.test(answer.json?.__type))) {
            this.counts.refused += answer !== null;
            return null;
        }
        if (answer.status !== 200)
            throw new Error(`${operation} ${JSON.stringify(body)} was answered ${JSON.stringify(answer)}`);
        return answer.json;
    }

    /* ---- at rest ---- */

    async compare() {
        const live = await this.#learn();
        if (live)
            return live;
        for (const backup of [...this.#backups])
            if (!(await this.#isMade(backup)))
                return `${backup.arn} is never made`;
        for (const restored of this.#restores.splice(0)) {
            const violation = await this.#violationOf(restored);
            if (violation)
                return `${restored.what}: ${violation}`;
        }
        return null;
    }

    /* What is there is what was acknowledged, or open. */
    async #learn() {
        const found = await this.#itemsOf(this.#name);
        this.#writers.forEach((writer) => writer.learn(found.get(writer)));
        return this.#violationIn(found, this.#mark(), this.clockMs);
    }

    async #isMade({ arn }) {
        return this.#until(async () => (await this.#control.ok("DescribeBackup", { BackupArn: arn })).BackupDescription.BackupDetails.BackupStatus === "AVAILABLE");
    }

    async #violationOf({ name, mark, atMs, isAnswered }) {
        let status;
        const look = async () => {
            const { json } = await this.#control.call("DescribeTable", { TableName: name });
            status = json.Table?.TableStatus ?? "gone";
            return status === "ACTIVE" || status === "gone";
        };
        if (!(await this.#until(look)))
            return `${name} stays ${status}`;
        if (status === "gone")
            return isAnswered ? `${name} is gone again` : null;
        const violation = this.#violationIn(await this.#itemsOf(name), mark, atMs) ?? (await this.#violationOfIndexes(name));
        await this.#control.ok("DeleteTable", { TableName: name });
        return violation;
    }

    #violationIn(found, mark, atMs) {
        if (found.fillers !== FILLERS)
            return `of the ${FILLERS} items that nobody changes there are ${found.fillers}`;
        for (const [i, writer] of this.#writers.entries()) {
            const violation = writer.violation(found.get(writer), mark[i], atMs);
            if (violation)
                return violation;
        }
        return null;
    }

    /* Each index has as many entries as there are items with its key. */
    async #violationOfIndexes(TableName) {
        const items = await this.#scan({ TableName });
        for (const { IndexName, attribute } of INDEXES) {
            const expected = items.filter((item) => item[attribute]).map(nameOf).sort().join();
            const entries = (await this.#scan({ TableName, IndexName })).map(nameOf).sort().join();
            if (entries !== expected)
                return `the index ${IndexName} of ${TableName} has ${entries.length} instead of ${expected.length} characters of names`;
        }
        return null;
    }

    /* The writer -> its items by name. */
    async #itemsOf(TableName) {
        const items = await this.#scan({ TableName, ConsistentRead: true });
        const found = new Map(this.#writers.map((writer) => [writer, new Map()]));
        found.fillers = items.filter(({ pk, text }) => pk.S.startsWith("filler/") && text.S === FILLER).length;
        for (const item of items)
            found.get(this.#writers.find((writer) => writer.owns(item)))?.set(nameOf(item), textOf(item));
        return found;
    }

    async #scan(members) {
        const items = [];
        for (let ExclusiveStartKey; ; ) {
            const page = await this.#control.ok("Scan", { ...members, ExclusiveStartKey });
            items.push(...page.Items);
            if (!(ExclusiveStartKey = page.LastEvaluatedKey))
                return items;
        }
    }

    async #until(holds) {
        for (const end = Date.now() + WAIT_MS_MAX; Date.now() < end; await pause(5))
            if (await holds())
                return true;
        return false;
    }

    /* ---- the end ---- */

    /* The table goes; what is left of it holds what it was in the end, and what it was before. */
    async end() {
        await this.#learn();
        const { mark } = await this.#marked(() => this.#control.ok("DeleteTable", { TableName: this.#name }));
        const listed = async () => (await this.#control.ok("ListBackups", { TableName: this.#name, BackupType: "SYSTEM" })).BackupSummaries;
        if (!(await this.#until(async () => (await listed()).some(({ BackupStatus }) => BackupStatus === "AVAILABLE"))))
            return "the table has left no backup";
        const [{ BackupArn }] = await listed();
        const left = { arn: BackupArn, mark, atMs: this.clockMs };
        for (const backup of [left, ...this.#backups.slice(-2)]) {
            await this.#restore("RestoreTableFromBackup", { BackupArn: backup.arn }, backup, `backup ${backup.arn} of a table that is gone`);
            const violation = await this.#violationOf(this.#restores.pop());
            if (violation)
                return `${backup.arn} of a table that is gone: ${violation}`;
            this.counts["backups restored"]++;
        }
        return null;
    }
}
