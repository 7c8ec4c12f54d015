/** `globalSetup` of the journeys. */
export { plant as default } from "./serve";
