// On every page: htmx, set so that it asks nothing our content security policy forbids.
import htmx from "htmx.org";

htmx.config.includeIndicatorStyles = false; // no inline <style>; site.css has the rules
htmx.config.allowEval = false;
htmx.config.allowScriptTags = false;
