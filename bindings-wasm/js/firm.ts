/** A value of a fact. `null`, and a fact that is not there, is unknown. */
export type FactValue = boolean | number | bigint | string | null | undefined;

/** An item of a list, such as one dangerous good of an inventory. */
export type ListItem = { readonly [field: string]: FactValue };

/**
 * A firm: `sector` (the id of one, or several), `id` if it has one, and the facts by their names. Days are texts, YYYY-MM-DD; lists
 * are arrays of records. `null` for a list is an unknown list; an empty array is known to be empty.
 */
export type Firm = { readonly [fact: string]: FactValue | readonly string[] | readonly ListItem[] };
