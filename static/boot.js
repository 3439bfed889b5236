(() => {
	// Before the page's own script runs nobody hears that it could not be fetched. Once it runs, the notice is not there.
	const tell = () => {
		const notice = document.getElementById('not-started');
		if (notice) notice.hidden = false;
	};
	// What a link or a script element fails to fetch does not bubble.
	addEventListener('error', tell, true);
	addEventListener('unhandledrejection', tell);

	// Whoever sends a message in the prerendered field means it: the composer, which takes it over, is told.
	const early = ({ target }) =>
		target instanceof HTMLTextAreaElement && 'early' in target.dataset ? target : null;
	addEventListener('keydown', (event) => {
		const field = early(event);
		if (!field || event.key !== 'Enter') return;
		// eslint-disable-next-line no-restricted-syntax -- this script cannot import composing(), which does the same
		if (event.isComposing || event.keyCode === 229) return;
		if (event.shiftKey || event.altKey || field.value.trim() === '') return;
		const surely = event.ctrlKey || event.metaKey;
		if (!surely && matchMedia('(hover: none) and (pointer: coarse)').matches) return;
		event.preventDefault();
		field.dataset.early = surely ? 'surely' : 'enter';
	});
	// Who types on has not finished.
	addEventListener('input', (event) => {
		const field = early(event);
		if (field) field.dataset.early = '';
	});
})();
