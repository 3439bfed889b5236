/** What can be done with a conversation in the list. */
export type RowAction = 'rename' | 'pin' | 'export-json' | 'export-md' | 'remove';
