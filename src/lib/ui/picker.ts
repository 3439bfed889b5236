/** What a picker lists: the caller draws it, the picker needs only a name that is unique in the list. */
export interface PickerOption {
	readonly id: string;
}

export interface PickerGroup<Option extends PickerOption> {
	readonly title: string;
	/** A group without options is not shown. */
	readonly options: readonly Option[];
}
