import type { Answer } from './answers.fixture.ts';

export const ARABIC: Answer[] = [
	{
		about: 'steps with commands',
		text: `**ملاحظة:** قبل البدء، تأكد من تثبيت بايثون.

1. افتح الطرفية (Terminal).
2. نفّذ الأمر \`pip install requests\` وانتظر حتى ينتهي.
3. أنشئ ملفًا باسم \`main.py\`، ثم اكتب فيه:

\`\`\`python
import requests
print(requests.get("https://example.com").status_code)
\`\`\`

إذا ظهر الرقم **200**، فكل شيء يعمل.`,
		bold: ['ملاحظة:', '200']
	},
	{
		about: 'a comparison table',
		text: `## مقارنة بين لغات البرمجة

| اللغة | السرعة | الاستخدام |
|:------|:------:|----------:|
| Python | متوسطة | تحليل البيانات،<br>التعلّم الآلي |
| Rust | **عالية جدًا** | الأنظمة |
| JavaScript | جيدة | الويب |

باختصار، اختر اللغة التي تناسب *مشروعك*.`,
		bold: ['عالية جدًا'],
		italic: ['مشروعك']
	},
	{
		about: 'starting with a word of another script',
		text: `React هي مكتبة جافاسكربت لبناء واجهات المستخدم، طوّرتها شركة Meta.

- **React**: مكتبة لبناء الواجهات، وهي الأكثر انتشارًا.
- **Vue**: إطار عمل سهل التعلّم.
- **Svelte**: مُصرِّف يحوّل الشيفرة إلى جافاسكربت صغيرة الحجم.

للمزيد، زر https://example.com/ar، أو راسلنا على help@example.com؛ سنرد خلال يومين.`,
		bold: ['React', 'Vue', 'Svelte'],
		links: ['https://example.com/ar', 'mailto:help@example.com']
	},
	{
		about: 'attached prefixes and quotation marks',
		text: `يُستخدم مصطلح **«الذكاء الاصطناعي»** كثيرًا، و**"التعلّم العميق"** فرعٌ منه. أما **(الشبكات العصبية)**فهي نماذج رياضية.

> قال أحد الباحثين: **«البيانات أهم من الخوارزميات».**

فهل توافق على ذلك؟ **نعم!** ولكن بشروط.`,
		bold: [
			'«الذكاء الاصطناعي»',
			'"التعلّم العميق"',
			'(الشبكات العصبية)',
			'«البيانات أهم من الخوارزميات».',
			'نعم!'
		]
	},
	{
		about: 'mathematics in a sentence',
		text: `مساحة الدائرة تُحسب بالقانون $A = \\pi r^2$، حيث $r$ هو نصف القطر.

$$
A = \\pi \\times 5^2 \\approx 78.5
$$

إذا كان $ 0 < r < 1 $، فإن المساحة أصغر من $\\pi$.`,
		formulas: ['A = \\pi r^2', 'r', 'A = \\pi \\times 5^2 \\approx 78.5', '0 < r < 1', '\\pi']
	},
	{
		about: 'numbers and ranges',
		text: `### وصفة الحمص

- 2~3 أكواب من الحمص المسلوق
- نصف كوب طحينة (حوالي 120 مل)
- عصير ليمونة **واحدة** أو ~~ثلاث ليمونات~~ اثنتين

التكلفة بين $5 و$10، والوقت 15–20 دقيقة. درجة الحرارة: 25°.`,
		bold: ['واحدة'],
		struck: ['ثلاث ليمونات']
	},
	{
		about: 'Arabic digits and nested lists',
		text: `أركان الإسلام خمسة:

١. الشهادتان
٢. الصلاة

وأيضًا:

1. الزكاة
   - زكاة المال (٢٫٥٪)
   - زكاة الفطر
2. **الصوم**: شهر رمضان
3. الحج

*والله أعلم.*`,
		bold: ['الصوم'],
		italic: ['والله أعلم.']
	},
	{
		about: 'a folded answer and keys',
		text: `**سؤال:** ما عاصمة المغرب؟

<details>
<summary>أظهر **الجواب**</summary>

العاصمة هي **الرباط**، وليست الدار البيضاء.

</details>

اضغط <kbd>Ctrl</kbd> + <kbd>F</kbd> للبحث في الصفحة. رمز الماء هو H<sub>2</sub>O.`,
		bold: ['سؤال:', 'الجواب', 'الرباط']
	},
	{
		about: 'an English paragraph between',
		text: `هذه ترجمة الجملة التي طلبتها:

The quick brown fox jumps over the **lazy** dog.

لاحظ أن كلمة *lazy* تعني «كسول».

- [x] الترجمة
- [ ] المراجعة`,
		bold: ['lazy'],
		italic: ['lazy'],
		leftToRight: [1]
	}
];
