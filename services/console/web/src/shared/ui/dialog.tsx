/** A dialog in the page's own tree: through a portal Ant Design would lock scrolling by a style that the policy blocks. */
import { Modal, type ModalProps } from "antd";
import type { ReactNode } from "react";

export function Dialog(props: Omit<ModalProps, "getContainer">): ReactNode {
  return <Modal {...props} getContainer={false} />;
}
