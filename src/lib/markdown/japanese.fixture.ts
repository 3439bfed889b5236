import type { Answer } from './answers.fixture.ts';

export const JAPANESE: Answer[] = [
	{
		about: 'the important point in quotation marks',
		text: `結論から言うと、これは**「重要」**な点です。

**ポイント：**メモリを解放しないと、プログラムは**徐々に遅く**なります。特に**『循環参照』**がある場合は注意してください。

1. **原因の特定：**プロファイラを使う
2. **修正（または回避）**を行う
3. *再テスト、*そして公開`,
		bold: [
			'「重要」',
			'ポイント：',
			'徐々に遅く',
			'『循環参照』',
			'原因の特定：',
			'修正（または回避）'
		],
		italic: ['再テスト、']
	},
	{
		about: 'prices and waves',
		text: `旅行の費用の目安です～！

| 項目 | 金額 | 備考 |
|------|-----:|------|
| 交通費 | 8,000~12,000円 | **往復。**早割あり |
| 宿泊費 | 6,000～9,000円 | 1泊、<br>朝食付き |
| 食費 | 3~4千円 | **「屋台」**も楽しい |

合計は約2~3万円です。ドルなら$150か$200くらいでしょう。`,
		bold: ['往復。', '「屋台」']
	},
	{
		about: 'links in parentheses',
		text: `詳しくは公式サイト（https://example.jp/docs/start）をご覧ください。

- チュートリアル：https://example.jp/tutorial、全5章
- API仕様「https://example.jp/api?lang=ja」も参照
- 記事：https://ja.wikipedia.org/wiki/スティーブ・ジョブズ（日本語版）
- お問い合わせはsupport@example.jpまで。

**参考：**[日本語ドキュメント](https://example.jp/ja)が一番読みやすいです。`,
		links: [
			'https://example.jp/docs/start',
			'https://example.jp/tutorial',
			'https://example.jp/api?lang=ja',
			'https://ja.wikipedia.org/wiki/スティーブ・ジョブズ',
			'mailto:support@example.jp',
			'https://example.jp/ja'
		],
		bold: ['参考：']
	},
	{
		about: 'a shell session',
		text: `Dockerコンテナを起動するには、次のコマンドを実行します。

\`\`\`bash
docker run -d --name web -p 8080:80 nginx
# 「8080」は **ホスト側** のポート
\`\`\`

その後、ブラウザで\`http://localhost:8080\`を開くと、**"Welcome to nginx!"**と表示されます。表示されない場合は\`docker logs web\`で**エラー内容**を確認してください。`,
		bold: ['"Welcome to nginx!"', 'エラー内容']
	},
	{
		about: 'a recipe with headings',
		text: `# 肉じゃがの作り方

## 材料（2~3人分）

- じゃがいも……3個
- 玉ねぎ……1個
- 牛肉……150g *（豚肉でも可）*

## 手順

1.  野菜を**一口大（3〜4cm）**に切る。
2.  鍋で肉を炒め、**色が変わったら**野菜を加える。
3.  だし汁と調味料を入れ、**落とし蓋をして**15~20分煮る。

> **コツ：**火を止めてから10分置くと、味が**しみ込みます！**ぜひ試してください。`,
		italic: ['（豚肉でも可）'],
		bold: ['一口大（3〜4cm）', '色が変わったら', '落とし蓋をして', 'コツ：', 'しみ込みます！']
	},
	{
		about: 'mathematics in words',
		text: `二次方程式 $ax^2 + bx + c = 0$ の解は、**解の公式**で求められます。

$$x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}$$

ここで$D = b^2 - 4ac$を**「判別式」**といい、

- $D > 0$ なら実数解が2つ
- $ D = 0 $ なら**重解、**
- $D < 0$ なら虚数解

となります。`,
		formulas: [
			'ax^2 + bx + c = 0',
			'x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}',
			'D = b^2 - 4ac',
			'D > 0',
			'D = 0',
			'D < 0'
		],
		bold: ['解の公式', '「判別式」', '重解、']
	},
	{
		about: 'struck words and ruby-like brackets',
		text: `訂正です。~~「明後日」~~**「明日」**の誤りでした。

東京（とうきょう）から新大阪（しんおおさか）までは、~~約3時間~~約2時間半です。料金は**￥13,870（指定席）**で、**“のぞみ”**なら乗り換えはありません。`,
		struck: ['「明後日」', '約3時間'],
		bold: ['「明日」', '￥13,870（指定席）', '“のぞみ”']
	},
	{
		about: 'a dialogue in a quotation',
		text: `友達に断るときの言い方をいくつか紹介します。

> A：今週の土曜日、映画に行かない？
> B：ごめん、土曜日は**ちょっと…**都合が悪くて。

**ポイントは「理由をぼかす」こと。**はっきり*「嫌です」*と言うと、きつく聞こえます。

---

他にも、<u>「また今度誘ってね」</u>を付け加えると**より自然**です。`,
		bold: ['ちょっと…', 'ポイントは「理由をぼかす」こと。', 'より自然'],
		italic: ['「嫌です」']
	},
	{
		about: 'tasks and keys',
		text: `作業リストです。

- [x] **設計：**完了
- [ ] **実装（第1段階）**を始める
- [ ] レビュー依頼

保存は<kbd>Ctrl</kbd>+<kbd>S</kbd>、元に戻すは<kbd>Ctrl</kbd>+<kbd>Z</kbd>です。CO<sub>2</sub>のような下付き文字は\`<sub>\`で書けます。`,
		bold: ['設計：', '実装（第1段階）']
	},
	{
		about: 'full-width space as indentation',
		text: `\u3000ご質問ありがとうございます。

\u3000**「吾輩は猫である」**は、夏目漱石の小説です。1905~1906年に発表されました。

手順：
1.\u3000図書館で探す
2.\u3000青空文庫（https://example.jp/aozora）で読む

\u3000以上です。`,
		bold: ['「吾輩は猫である」'],
		links: ['https://example.jp/aozora'],
		lists: 1
	}
];
