import type { Answer } from './answers.fixture.ts';

export const KOREAN: Answer[] = [
	{
		about: 'particles after the closing mark',
		text: `**"강조"**는 마크다운에서 별표 두 개로 표시합니다.

- **굵게**는 \`**텍스트**\`로 씁니다.
- *기울임*은 \`*텍스트*\`로 씁니다.
- **'중요'**한 단어, **(괄호)**가 있는 단어, **“인용”**이 있는 단어도 마찬가지입니다.`,
		bold: ['"강조"', '굵게', "'중요'", '(괄호)', '“인용”'],
		italic: ['기울임']
	},
	{
		about: 'ages and heights',
		text: `아이의 **나이(만)**와 키를 참고해 주세요.

| 나이 | 키 | 비고 |
|:---:|:---:|---|
| 1~3세 | 75~95cm | **평균:**85cm |
| 4~6세 | 100~115cm | 개인차가 큼<br>걱정하지 마세요 |

보통 5~7일 안에 결과가 나오고, 검사는 2~3회 진행합니다~`,
		bold: ['나이(만)', '평균:']
	},
	{
		about: 'installing a package',
		text: `먼저 가상 환경을 만드세요.

\`\`\`bash
python -m venv .venv
source .venv/bin/activate
pip install requests  # **굵게** 아님
\`\`\`

그다음 \`requests.get("https://example.kr")\`을 호출하면 **\`Response\`**를 돌려줍니다. **"200 OK"**이면 성공이고, **\`404\`**이면 주소를 확인하세요.`,
		bold: ['`Response`', '"200 OK"', '`404`']
	},
	{
		about: 'addresses followed by particles',
		text: `자세한 내용은 https://example.kr/guide를 참고하세요. 문의는 help@example.kr로 보내 주세요.

1. 공식 문서: <https://example.kr/docs>
2. 블로그(https://example.kr/blog)
3. **[다운로드 페이지](https://example.kr/download)**에서 최신 버전을 받으세요.`,
		links: [
			'https://example.kr/guide를',
			'mailto:help@example.kr',
			'https://example.kr/docs',
			'https://example.kr/blog',
			'https://example.kr/download'
		],
		bold: ['다운로드 페이지']
	},
	{
		about: 'a theorem',
		text: `**피타고라스의 정리(定理)**에 따르면, 직각삼각형에서 다음이 성립합니다.

\\[ a^2 + b^2 = c^2 \\]

예를 들어 $a=3$이고 $b=4$이면 $c=5$입니다. 여기서 $ c $는 **빗변(hypotenuse)**의 길이입니다.`,
		bold: ['피타고라스의 정리(定理)', '빗변(hypotenuse)'],
		formulas: ['a^2 + b^2 = c^2', 'a=3', 'b=4', 'c=5', 'c']
	},
	{
		about: 'a letter',
		text: `> 안녕하세요, **김민수 님!**
>
> 지난주에 말씀드린 **"신규 프로젝트"**와 관련하여 연락드립니다. 회의는 ~~화요일~~**수요일(6/12)**로 변경되었습니다.

위 메일은 *정중하지만* 딱딱하지 않은, **'부드러운'** 표현을 씁니다.`,
		bold: ['김민수 님!', '"신규 프로젝트"', '수요일(6/12)', "'부드러운'"],
		italic: ['정중하지만'],
		struck: ['화요일']
	},
	{
		about: 'travel in three days',
		text: `## 제주도 2박 3일 코스

1. **첫째 날:**공항 → 협재 해변(차로 40~50분)
   - 점심은 **흑돼지구이**가 유명합니다.
   - 숙소는 1박에 ₩80,000~120,000 정도
2. **둘째 날:**성산일출봉<sup>*</sup> 등반
3. **셋째 날:**동문시장에서 기념품 사기

<small>* 입장료는 **성인 5,000원**입니다.</small>`,
		bold: ['첫째 날:', '흑돼지구이', '둘째 날:', '셋째 날:', '성인 5,000원']
	},
	{
		about: 'grammar questions',
		text: `**'-은/는'**과 **'-이/가'**의 차이를 설명해 드릴게요.

- **은/는**: 주제를 나타냅니다. 예) *저는* 학생이에요.
- **이/가**: 주어를 강조합니다. 예) *제가* 했어요.

즉, ***“누가?”***에 대한 답이면 **이/가**를 쓰고, <mark>대조</mark>할 때는 **은/는**을 씁니다.`,
		bold: ["'-은/는'", "'-이/가'", '은/는', '이/가', '“누가?”', '이/가', '은/는'],
		italic: ['저는', '제가', '“누가?”']
	}
];
