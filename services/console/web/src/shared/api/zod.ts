/** zod without its compiled parsers, which the content security policy forbids. Import `z` from here. */
import { z } from "zod";

z.config({ jitless: true });

export { z };
