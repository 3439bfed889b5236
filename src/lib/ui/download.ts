/** Hands a text to the browser as a file to keep. */
export function download(name: string, text: string, type: string) {
	const url = URL.createObjectURL(new Blob([text], { type }));
	const link = document.createElement('a');
	link.href = url;
	link.download = name;
	link.click();
	// The browser has taken what it needs by the next task, but not before.
	setTimeout(() => URL.revokeObjectURL(url));
}
