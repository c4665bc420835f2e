/* The button that shows and hides a typed password. */
import { setIcon } from "./dom.js";

export function startReveal() {
	const button = document.querySelector("[data-reveal]");

	if (!button)
		return;
	const input = document.getElementById(button.dataset.reveal);
	const show = (shown) => {
		input.type = shown ? "text" : "password";
		button.setAttribute("aria-label",
		    shown ? button.dataset.hide : button.dataset.show);
		setIcon(button, shown ? "eye-off" : "eye");
	};
	button.addEventListener("click", () => {
		show(input.type === "password");
		input.focus();
	});
	input.form.addEventListener("submit", () => show(false));
	show(false);
	button.hidden = false;
}
