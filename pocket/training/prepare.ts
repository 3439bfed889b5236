/**
 * Writes what train.py reads, into .cache/pocket/: the tokenizer and the rows of a training.
 * usage: tsx prepare.ts [rows] [seed] [--show]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { architecture, parameters } from '../model/architecture.ts';
import { decode, encodeExactly, lower, toJSON, train } from '../model/tokenizer.ts';
import { readCorpus } from './corpus.ts';
import { Random } from './random.ts';
import { Conversations, ROW } from './rows.ts';
import { Visitor } from './variation.ts';

const [count = 40_000, seed = 1] = process.argv
	.slice(2)
	.filter((arg) => !arg.startsWith('--'))
	.map(Number);
const out = fileURLToPath(new URL('../../.cache/pocket/', import.meta.url));
mkdirSync(out, { recursive: true });
const corpus = readCorpus();
const answers = [
	...corpus.topics.map((t) => t.answer),
	...corpus.followUps.values(),
	corpus.fallback.answer
];

// Answers weigh most: they are what is written token by token.
const visitor = new Visitor(corpus, new Random(0));
const text = [
	...Array.from({ length: 8 }, () => answers).flat(),
	...answers.map(lower),
	...corpus.topics.flatMap((t) => [...t.nouns, ...t.phrasings]).map(lower),
	...Array.from({ length: 600 }, () => visitor.askSomethingElse())
];
const tokenizer = train(text.join('\n'), architecture.vocab);
writeFileSync(`${out}tokenizer.json`, JSON.stringify(toJSON(tokenizer)) + '\n');
const lengths = answers.map((a) => encodeExactly(tokenizer, a).length);
console.log(
	`${corpus.topics.length} topics, ${corpus.topics.flatMap((t) => t.phrasings).length} phrasings; an answer has ` +
		`${(lengths.reduce((x, y) => x + y, 0) / lengths.length).toFixed(1)} tokens, at most ${Math.max(...lengths)}`
);

const conversations = new Conversations(corpus, tokenizer, new Random(seed));
const bytes = Buffer.alloc(count * ROW * 4);
for (let r = 0; r < count; r++) {
	const row = conversations.row();
	if (r < 3 && process.argv.includes('--show')) console.log(decode(tokenizer, [...row.ids]), '\n');
	for (let i = 0; i < ROW; i++) {
		const at = (r * ROW + i) * 4;
		bytes.writeUInt16LE(row.ids[i]!, at);
		bytes.writeUInt8(row.conversation[i]!, at + 2);
		bytes.writeUInt8(row.learned[i]!, at + 3);
	}
}
writeFileSync(`${out}rows.bin`, bytes);
writeFileSync(
	`${out}shape.json`,
	JSON.stringify({
		...architecture,
		row: ROW,
		tensors: parameters(architecture, { weights: 'plain', float: 'f32' }).map(
			({ name, shape }) => ({
				name: name.replace(/\.weight$/, ''),
				shape
			})
		)
	})
);
console.log(`${count} rows of ${ROW} tokens`);
