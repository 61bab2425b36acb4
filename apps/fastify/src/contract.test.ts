import { contract } from "@authmodes/app-contract";
import { app } from "./index.ts";

contract(app);
