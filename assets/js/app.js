/*
 * Starts what the page at hand has. Every page works without any of this:
 * script only saves round trips and adds comfort.
 */
import { startCall } from "./call.js";
import { startList } from "./list.js";
import { startMenus } from "./menus.js";
import { startReveal } from "./reveal.js";

const call = document.getElementById("call");

startMenus();
startReveal();
startList();
if (call)
	startCall(call);
