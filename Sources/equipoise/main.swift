print("equipoise")
