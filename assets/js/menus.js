/* Menus are <details>: one closes when one clicks or goes elsewhere, or by
 * Escape, which then closes nothing else. */

const open = () => document.querySelectorAll("details.menu[open]");

/* A press on plain words in a menu moves the focus to what is around it: to
 * close the menu under that press ends Chromium's renderer. */
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
