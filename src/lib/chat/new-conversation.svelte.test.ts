import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { appIn } from '../app/app.fixture.ts';
import InApp from '../panel/InApp.fixture.svelte';
import { act } from './actions.ts';
import ConversationList from './ConversationList.svelte';

async function chatting() {
	const world = appIn();
	await world.start();
	await world.app.session.send('One');
	return world;
}

test('what is typed right after the click on “New conversation” stays in the new one', async () => {
	const { app, close } = await chatting();
	const screen = await render(InApp, {
		app,
		View: ConversationList,
		given: { onpick: () => {} }
	});
	// The address is followed in a later task, which a busy page comes to after the next keys.
	screen.getByRole('link', { name: 'New conversation' }).element().dispatchEvent(click());
	app.session.draft = 'half a thought';
	await app.opening.openConversation('new');
	expect([app.session.messages, app.session.draft]).toEqual([[], 'half a thought']);
	close();
});

test('so does what is typed right after its shortcut', async () => {
	const { app, close } = await chatting();
	act(
		'new',
		app,
		() => {},
		() => {}
	);
	app.session.draft = 'half a thought';
	await app.opening.openConversation('new');
	expect([app.session.messages, app.session.draft]).toEqual([[], 'half a thought']);
	close();
});

const click = () => new MouseEvent('click', { bubbles: true, cancelable: true });
