/*
 * Starts the modules; each does nothing on pages without its elements. Every
 * page works without script.
 */
import { startAccounts } from "./accounts.js";
import { startCall } from "./call.js";
import { startDeletion } from "./deletion.js";
import { startExports } from "./exports.js";
import { startList } from "./list.js";
import { startMenus } from "./menus.js";
import { forgetPlaces } from "./places.js";
import { startReveal } from "./reveal.js";
import { startSelect } from "./select.js";
import { startSound } from "./sound.js";

const call = document.getElementById("call");
const { pathname } = location;

startMenus();
startReveal();
startSound();
startList();
startDeletion();
startSelect();
startExports();
startAccounts();
if (call)
	startCall(call);
/* After a reload at a call's address that the list had set, the history's step
 * back changes only the address: load the list there. */
if (!document.getElementById("list"))
	addEventListener("popstate", () => {
		if (location.pathname !== pathname)
			location.reload();
	});
if (!document.querySelector(".person"))
	forgetPlaces();
