/** What pocket answers to this greedily, in the quantizations that the self-test loads; pocket's tests hold it to that. */
export const QUESTION = 'What is quantization?';
export const EXPECTED =
	'Quantization stores each weight of a model in fewer bits. The model gets smaller and needs less GPU memory, at the price of some accuracy.';
