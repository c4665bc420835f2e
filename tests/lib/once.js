// Tests that share work or build on each other, and can still run alone.
import { test } from "node:test";

// Returns a function that calls make() the first time only.
export function once(make) {
	let made;
	return () => made ??= make();
}

// Tests that are successive steps: each one first runs the steps before it that
// have not run yet.
export function story() {
	const steps = [];
	return (name, step) => {
		const before = [...steps], run = once(step);
		steps.push(run);
		test(name, async () => {
			for (const one of before)
				await one();
			await run();
		});
	};
}
