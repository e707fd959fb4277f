/**
 * Grades enterprises by safety risk from written rules, where the data are: in the browser, in a worker, in Node.
 * Nothing leaves the machine.
 */

export { RuleBook } from "./book.js";
export { BookError, CompiledBookError, FirmError, RisktierError, TableError, type ErrorCode } from "./errors.js";
export type { FactValue, Firm, ListItem } from "./firm.js";
export type { ColumnInput, Columns, Numbers } from "./columns.js";
export { type BatchOptions, Grader, type ListKind, type SectorFacts, type SectorWays } from "./grader.js";
export { Grades, NO_TIER, TIERS, type KeptColumn } from "./grades.js";
export { type Encoding, encodingOf, Register, type RegisterOptions, separatorOf, type Spec } from "./register.js";
export { Writing } from "./writing.js";
export type * from "./types.js";
