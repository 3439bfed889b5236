import { readFileSync, readdirSync, statSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { scriptsNeeded } from './script-graph.ts';
const dirs = readdirSync('.cache/sites').map((d) => '.cache/sites/' + d).filter(d=>!d.endsWith('making')).sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
const dir = process.argv[2] ?? dirs[0] + '/build';
const html = readFileSync(dir + '/index.html', 'utf8');
const url = 'http://x/headroom/';
const needed = await scriptsNeeded(html, url, async (u) => readFileSync(dir + new URL(u).pathname.replace('/headroom', ''), 'utf8'));
let sum = 0;
for (const [u, t] of needed) { const n = gzipSync(t).length; sum += n; console.log(n, u); }
for (const [, t] of html.matchAll(/<script>([^]*?)<\/script>/g)) sum += gzipSync(t!).length;
console.log(dir, sum);
