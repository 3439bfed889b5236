import type { Answer } from './answers.fixture.ts';

export const CHINESE: Answer[] = [
	{
		about: 'a warning before the steps',
		text: `**注意：**在执行下面的命令之前，请先备份数据库。

1. **停止服务：**运行 \`systemctl stop nginx\`，等待约 5~7 秒。
2. **导出数据：**使用 \`mysqldump\`，文件通常为 2~3 GB。
3. **检查结果：**确认文件末尾有“Dump completed”字样。

如果第 2 步失败，**不要**继续。`,
		bold: ['注意：', '停止服务：', '导出数据：', '检查结果：', '不要']
	},
	{
		about: 'a comparison with line breaks in its cells',
		text: `## 三种排序算法的比较

| 算法 | 平均复杂度 | 特点 |
|:---|:---:|---|
| 快速排序 | $O(n \\log n)$ | **原地排序**<br>不稳定 |
| 归并排序 | $O(n \\log n)$ | 稳定，<br/>需要 $O(n)$ 额外空间 |
| 冒泡排序 | $O(n^2)$ | 简单，**“教学用”**的例子 |

一般来说，**首选快速排序**；需要稳定性时用**归并排序**。`,
		bold: ['原地排序', '“教学用”', '首选快速排序', '归并排序'],
		formulas: ['O(n \\log n)', 'O(n \\log n)', 'O(n)', 'O(n^2)']
	},
	{
		about: 'addresses inside of sentences',
		text: `你可以在以下网址找到官方文档：

- 中文教程：https://example.com/zh/tutorial。建议从这里开始。
- 常见问题（https://example.com/faq）里有大部分答案。
- 源代码见https://example.com/repo，许可证为 MIT。
- 也可以访问www.example.org，或写信至help@example.org。

另外，维基百科的https://zh.wikipedia.org/wiki/快速排序、归并排序等条目也值得一看！`,
		links: [
			'https://example.com/zh/tutorial',
			'https://example.com/faq',
			'https://example.com/repo',
			'http://www.example.org',
			'mailto:help@example.org',
			'https://zh.wikipedia.org/wiki/快速排序'
		]
	},
	{
		about: 'chemistry with subscripts',
		text: `水的化学式是 H<sub>2</sub>O，二氧化碳是 CO<sub>2</sub>。

光合作用的总反应式为：

$$
6CO_2 + 6H_2O \\rightarrow C_6H_{12}O_6 + 6O_2
$$

其中，**“光反应”**发生在类囊体膜上，**暗反应（卡尔文循环）**发生在叶绿体基质中。`,
		bold: ['“光反应”', '暗反应（卡尔文循环）'],
		formulas: ['6CO_2 + 6H_2O \\rightarrow C_6H_{12}O_6 + 6O_2']
	},
	{
		about: 'a proof step by step',
		text: `设$x$为实数，且 $ 0 < x < 1 $。下面证明 $x^2 < x$：

\\[
\\begin{aligned}
x^2 - x &= x(x - 1) \\\\
&< 0
\\end{aligned}
\\]

因为 $x > 0$ 而 $x - 1 < 0$，所以**乘积为负**，即***证毕。***`,
		bold: ['乘积为负', '证毕。'],
		italic: ['证毕。'],
		formulas: [
			'x',
			'0 < x < 1',
			'x^2 < x',
			'\\begin{aligned}\nx^2 - x &= x(x - 1) \\\\\n&< 0\n\\end{aligned}',
			'x > 0',
			'x - 1 < 0'
		]
	},
	{
		about: 'a friendly tone with tildes',
		text: `好的~这就来！

周末去杭州的话，可以这样安排：

* **第一天：**西湖（约3~4小时），傍晚去**「河坊街」**吃小吃。
* **第二天：**灵隐寺，门票¥45~75，建议早上8~9点出发。

预算大概是￥800～1200每人，祝玩得开心~`,
		bold: ['第一天：', '「河坊街」', '第二天：']
	},
	{
		about: 'code between explanations',
		text: `Python 里用**列表推导式**可以写得更短：

\`\`\`python
# 只保留偶数，*不是*奇数
squares = [x ** 2 for x in range(10) if x % 2 == 0]
print(squares)  # **不会**加粗
\`\`\`

上面的代码等价于一个\`for\`循环。注意\`x ** 2\`表示**“x的平方”**，而不是\`x * 2\`。`,
		bold: ['列表推导式', '“x的平方”']
	},
	{
		about: 'a correction',
		text: `~~北京时间比伦敦早9小时。~~抱歉，我说错了。

> 夏令时期间，北京比伦敦早**7小时**；冬令时期间早**8小时**。
>
> ——**《世界时区手册》**第12页

所以“现在是伦敦下午3点”对应~~「北京零点」~~**北京晚上10点**（夏令时）。`,
		struck: ['北京时间比伦敦早9小时。', '「北京零点」'],
		bold: ['7小时', '8小时', '《世界时区手册》', '北京晚上10点']
	},
	{
		about: 'nested lists and italics',
		text: `### 写作建议

- *开头：*先给结论
  - 一句话说明**「是什么」**
  - 再说明**为什么（Why）**重要
- *正文：*每段一个观点
- *结尾：*呼应开头，不要引入*新的*论点`,
		italic: ['开头：', '正文：', '结尾：', '新的'],
		bold: ['「是什么」', '为什么（Why）']
	},
	{
		about: 'full-width spaces after the markers',
		text: `操作步骤如下：
1.\u3000打开**「设置」**
2.\u3000选择“网络”
3.\u3000重新启动

注意事项：
-\u3000不要断电
-\u3000等待2～3分钟`,
		bold: ['「设置」'],
		lists: 2
	},
	{
		about: 'a folded solution',
		text: `**题目：**一个数的三倍加五等于二十，求这个数。

<details>
<summary>点击查看**解答**</summary>

设这个数为 $a$，则 $ 3a + 5 = 20 $，解得 $a = 5$。

- 检验：$3 \\times 5 + 5 = 20$ ✓

</details>

做对了吗？**再来一题：**……`,
		bold: ['题目：', '解答', '再来一题：'],
		formulas: ['a', '3a + 5 = 20', 'a = 5', '3 \\times 5 + 5 = 20']
	},
	{
		about: 'traditional characters and keys',
		text: `在 macOS 上，按下 <kbd>⌘</kbd>+<kbd>空白鍵</kbd> 可以開啟**「聚光燈」**搜尋。

1. **輸入關鍵字，**例如「終端機」；
2. 按 <kbd>Enter</kbd>；
3. 在視窗裡輸入：

   \`\`\`sh
   defaults write com.apple.dock tilesize -int 36 && killall Dock
   \`\`\`

**提示：**想要還原，把\`36\`改成\`48\`即可。價格是 $5 還是 $10，請以 App Store 為準。`,
		bold: ['「聚光燈」', '輸入關鍵字，', '提示：']
	}
];
