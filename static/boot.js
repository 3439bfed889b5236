// Before the page's own script runs nobody hears that it could not be fetched. Once it runs, the notice is not there.
(() => {
	const tell = () => {
		const notice = document.getElementById('not-started');
		if (notice) notice.hidden = false;
	};
	// What a link or a script element fails to fetch does not bubble.
	addEventListener('error', tell, true);
	addEventListener('unhandledrejection', tell);
})();
