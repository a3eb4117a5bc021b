/* A separate module, so that the SDK becomes a separate file that is loaded after the first paint. */
export { Client } from "@twilio/conversations";
