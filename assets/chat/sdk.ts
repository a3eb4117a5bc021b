/* A module of its own, so that the SDK becomes a file of its own, which is loaded after the first paint. */
export { Client } from "@twilio/conversations";
