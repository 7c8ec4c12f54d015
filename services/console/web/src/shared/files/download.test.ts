import { expect, test } from "vitest";
import { csvOf } from "./download";

test("a spreadsheet runs nothing, and quantities stay as they are", () => {
  expect(csvOf(["a", "b"], [["=1+1", "-12.50"], ['say "x"', "0012"], ["@x", null], ["a,b", "第\n二"]])).toBe(
    '\ufeffa,b\r\n\'=1+1,-12.50\r\n"say ""x""",0012\r\n\'@x,\r\n"a,b","第\n二"\r\n',
  );
});
