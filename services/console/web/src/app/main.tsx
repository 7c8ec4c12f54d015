import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "@/shared/ui/console.css";
import { Console } from "./console";

const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <Console />
    </StrictMode>,
  );
}
