/** Puts something around a method of the worker's global scope. */
export function wrap<Target, Name extends keyof Target>(
	target: Target,
	name: Name,
	make: (original: Target[Name]) => Target[Name]
) {
	target[name] = make(target[name]);
}
