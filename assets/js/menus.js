/* Menus are <details>. A menu closes when the person clicks or moves the focus
 * elsewhere, or presses Escape, which then closes nothing else. */

const open = () => document.querySelectorAll("details.menu[open]");

/* A click on plain text in a menu moves the focus to an element around the
 * menu; closing the menu during that event crashes Chromium's renderer. */
function closeOthers({ target, type }) {
	for (const menu of open())
		if (!menu.contains(target) &&
		    !(type === "focusin" && target.contains(menu)))
			menu.open = false;
}

export function startMenus() {
	document.addEventListener("click", closeOthers);
	document.addEventListener("focusin", closeOthers);
	document.addEventListener("keydown", (event) => {
		if (event.key !== "Escape")
			return;
		for (const menu of open()) {
			const inside = menu.contains(document.activeElement);

			event.preventDefault();
			menu.open = false;
			if (inside)
				menu.querySelector("summary").focus();
		}
	});
}
