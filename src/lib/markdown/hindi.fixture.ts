import type { Answer } from './answers.fixture.ts';

export const HINDI: Answer[] = [
	{
		about: 'danda inside emphasis',
		text: `**ध्यान दें।** यह दवा केवल डॉक्टर की सलाह से लें।

1. **मात्रा:** दिन में 2~3 बार
2. **समय:** भोजन के 30 मिनट बाद
3. *अवधि:* 5~7 दिन

**महत्वपूर्ण।**यदि बुखार बना रहे, तो तुरंत अस्पताल जाएँ।`,
		bold: ['ध्यान दें।', 'मात्रा:', 'समय:', 'महत्वपूर्ण।'],
		italic: ['अवधि:']
	},
	{
		about: 'a table of tenses',
		text: `## काल के भेद

| काल | उदाहरण | अर्थ |
|---|---|---|
| भूतकाल | मैंने खाया | *I ate* |
| वर्तमान | मैं खाता हूँ | *I eat* |
| भविष्य | मैं खाऊँगा<br>(स्त्री.: खाऊँगी) | *I will eat* |

**"खाना"**क्रिया का यही रूप सबसे अधिक प्रयोग होता है।`,
		italic: ['I ate', 'I eat', 'I will eat'],
		bold: ['"खाना"']
	},
	{
		about: 'addresses before a danda',
		text: `आधिकारिक जानकारी के लिए देखें https://example.in/hi। ईमेल: help@example.in।

- पंजीकरण: https://example.in/register
- [सहायता पृष्ठ](https://example.in/help)

> “धैर्य ही सफलता की कुंजी है।”`,
		links: [
			'https://example.in/hi',
			'mailto:help@example.in',
			'https://example.in/register',
			'https://example.in/help'
		]
	},
	{
		about: 'code in a sentence',
		text: `पायथन में सूची बनाने के लिए \`[]\` का प्रयोग करें:

\`\`\`python
फल = ["आम", "केला"]
for f in फल:
    print(f)
\`\`\`

यहाँ \`for\` लूप **हर तत्व** पर चलता है, और \`print()\` उसे दिखाता है।`,
		bold: ['हर तत्व']
	},
	{
		about: 'mathematics',
		text: `वृत्त का क्षेत्रफल $A = \\pi r^2$ होता है। यदि $r = 7$ सेमी, तो

\\begin{aligned}
A &= \\frac{22}{7} \\times 7^2 \\\\
  &= 154
\\end{aligned}

अतः क्षेत्रफल **154 वर्ग सेमी** है, ~~144~~ नहीं। क़ीमत ₹500 या $6 है।`,
		formulas: [
			'A = \\pi r^2',
			'r = 7',
			'\\begin{aligned}\nA &= \\frac{22}{7} \\times 7^2 \\\\\n  &= 154\n\\end{aligned}'
		],
		bold: ['154 वर्ग सेमी'],
		struck: ['144']
	},
	{
		about: 'a checklist for a journey',
		text: `### यात्रा की तैयारी

- [x] टिकट (₹1,200~1,500)
- [ ] पासपोर्ट, *मूल प्रति*
- [ ] **दवाइयाँ**
  - बुखार की
  - पेट की

<u>शुभ यात्रा!</u>`,
		italic: ['मूल प्रति'],
		bold: ['दवाइयाँ']
	}
];
