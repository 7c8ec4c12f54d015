import { expect, test } from "vitest";
import { besideFaults } from "./problem";

const FAULTS = [{ field: "inputs[0].id", fix: "write it as a GTIN with a lot" }, { field: "time", fix: "写成带时区的时间" }];

test("a detail that puts faults in a line is not told twice", () => {
  expect(besideFaults("inputs[0].id: write it as a GTIN with a lot; time: 写成带时区的时间", FAULTS)).toBe("");
  expect(besideFaults("inputs[0].id：write it as a GTIN with a lot", FAULTS)).toBe("");
});

test("a detail that says more is told", () => {
  expect(besideFaults("the call is older than a day", FAULTS)).toBe("the call is older than a day");
  expect(besideFaults("of two events: time: 写成带时区的时间", FAULTS)).toBe("of two events: time: 写成带时区的时间");
  expect(besideFaults("nothing is there", [])).toBe("nothing is there");
});
