import { describe, expect, test } from 'vitest';
import { parse } from './blocks.ts';
import { spansIn } from './emphasis.ts';
import { htmlOf } from './html-of.ts';

const html = (text: string) =>
	htmlOf(parse(text))
		.trim()
		.replace(/^<p>|<\/p>$/g, '');

describe('emphasis beside punctuation, where no space is written', () => {
	test.each([
		['**注意：**正文', '<strong>注意：</strong>正文'],
		['これは**「重要」**な点', 'これは<strong>「重要」</strong>な点'],
		['**"강조"**는', '<strong>&quot;강조&quot;</strong>는'],
		['*注意：*正文', '<em>注意：</em>正文'],
		['***注意：***正文', '<em><strong>注意：</strong></em>正文'],
		['__注意：__正文', '<strong>注意：</strong>正文'],
		['这是_“强调”_的', '这是<em>“强调”</em>的'],
		['请看**“重要”**的', '请看<strong>“重要”</strong>的'],
		['**（注）**文', '<strong>（注）</strong>文'],
		['**(괄호)**가', '<strong>(괄호)</strong>가'],
		['**重要！**对吗？**对。**好', '<strong>重要！</strong>对吗？<strong>对。</strong>好'],
		['**`代码`**是', '<strong><code>代码</code></strong>是'],
		['**$x$**是', '<strong><math>x</math></strong>是'],
		['**平均:**85cm', '<strong>平均:</strong>85cm'],
		['Python**"列表"**', 'Python<strong>&quot;列表&quot;</strong>'],
		['**大（*中*）小**的', '<strong>大（<em>中</em>）小</strong>的'],
		['⚠️**"注意"**', '⚠️<strong>&quot;注意&quot;</strong>'],
		['𠮷**「野」**家', '𠮷<strong>「野」</strong>家'],
		['คำว่า**"สวัสดี"**ใช้', 'คำว่า<strong>&quot;สวัสดี&quot;</strong>ใช้'],
		['ที่**"นี่"**', 'ที่<strong>&quot;นี่&quot;</strong>'],
		['**ध्यान दें।**यह', '<strong>ध्यान दें।</strong>यह'],
		['و**"مهم"**ف', 'و<strong>&quot;مهم&quot;</strong>ف'],
		['ה**"חשוב"**', 'ה<strong>&quot;חשוב&quot;</strong>']
	])('%s', (text, expected) => expect(html(text)).toBe(expected));
});

describe('what is no emphasis', () => {
	test.each([
		'5 * 3 * 2',
		'** 注意 **',
		'foo**"bar"**baz',
		'**Note:**text',
		'snake_case_name',
		'文件_名称_v2',
		'2 ** 3 = 2**3'
	])('%s', (text) => expect(html(text)).toBe(text.replaceAll('"', '&quot;')));
});

describe('only two tildes strike', () => {
	test.each([
		['takes 5~7 days, tests 2~3', 'takes 5~7 days, tests 2~3'],
		['age(1~3), height(80~100)', 'age(1~3), height(80~100)'],
		['好的~这就来~', '好的~这就来~'],
		['~one~ ~~~three~~~', '~one~ ~~~three~~~'],
		['H~2~O and ~5', 'H~2~O and ~5'],
		['~~two~~', '<del>two</del>'],
		['~~「旧」~~新', '<del>「旧」</del>新'],
		['~~a 5~7 b~~', '<del>a 5~7 b</del>'],
		['**a ~~b** c~~', '<strong>a ~~b</strong> c~~'],
		['**~~a~~**b', '<strong><del>a</del></strong>b'],
		['~~**C+**~~: x', '<del><strong>C+</strong></del>: x']
	])('%s', (text, expected) => expect(html(text)).toBe(expected));
});

describe('code and formulas hide their marks', () => {
	test.each([
		['*a <code>b*c</code> d*', '<em>a <code>b*c</code> d</em>'],
		['*a \\(b*c\\) d*', '<em>a <math>b*c</math> d</em>'],
		['\\(f*g\\) and **\\(h*k\\)** x', '<math>f*g</math> and <strong><math>h*k</math></strong> x'],
		['`<code>` *x* `</code>`', '<code>&lt;code&gt;</code> <em>x</em> <code>&lt;/code&gt;</code>'],
		['*a $ b * c $ d*', '<em>a <math>b * c</math> d</em>']
	])('%s', (text, expected) => expect(html(text)).toBe(expected));
});

test.each(['*', '**a ', '*a **b ', '_a', '~~', '~~a', '**「', '*a_b~~'])(
	'64 kB of %j take time in proportion to their length',
	(mark) => {
		const text = mark.repeat(65_536 / mark.length);
		const time = (of: string) => {
			const start = performance.now();
			spansIn(of);
			return performance.now() - start;
		};
		time(text);
		// A quadratic search takes seconds.
		expect(Math.min(time(text), time(text), time(text))).toBeLessThan(500);
	}
);
