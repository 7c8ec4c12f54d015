import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { LanguageProvider } from "@/shared/i18n/language";
import { Quantity } from "./words";

function shown(language: string, quantity: string, unit: string): string {
  localStorage.setItem("stemma.language", language);
  const { container, unmount } = render(<LanguageProvider><Quantity quantity={quantity} unit={unit} /></LanguageProvider>);
  const text = container.textContent;
  unmount();
  return text;
}

test("a quantity has its unit in the reader's words, and every digit", () => {
  expect(shown("zh", "12.50", "KGM")).toBe("12.50 千克");
  expect(shown("en", "12.50", "KGM")).toBe("12.50 kg");
  expect(shown("zh", "-18.5", "CEL")).toBe("-18.5 °C");
  expect([shown("zh", "3", "C62"), shown("zh", "3", "H87"), shown("zh", "2", "LTR")]).toEqual(["3 件", "3 件", "2 升"]);
});

test("a code that the catalogue has not is shown as it is", () => {
  expect(shown("zh", "7", "X9Z")).toBe("7 X9Z");
});

test("the code is one touch away", async () => {
  localStorage.setItem("stemma.language", "en");
  render(<LanguageProvider><Quantity quantity="2" unit="LTR" /></LanguageProvider>);
  screen.getByText("L").click();
  expect(await screen.findByText("unit code LTR")).toBeTruthy();
});
