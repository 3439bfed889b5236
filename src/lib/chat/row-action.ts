/** What can be done with a conversation in the list. */
export type RowAction = 'rename' | 'pin' | 'export-json' | 'export-md' | 'remove';

/** What a row of the list says of its conversation. */
export type RowMark = 'answering' | 'waiting' | 'unread';
